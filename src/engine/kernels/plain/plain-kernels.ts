import type { Kernels } from "../kernels.ts";
import { plainAttention } from "./attention.ts";
import { plainPackBf16, plainWidenBf16, plainWidenF16 } from "./convert.ts";
import { plainGemm, plainGemmBf16, plainGemmF32 } from "./gemm.ts";
import {
  plainAddScaledRows,
  plainGatherRowsBf16,
  plainGatherRowsF32,
  plainRmsNorm,
  plainRope,
  plainScatterRows,
  plainSiluMul,
} from "./rows.ts";
import { Views } from "./views.ts";

/** The kernels as anyone would write them down: slow, exact, the oracle of the compiled ones. */
export function plainKernels(buffer: ArrayBufferLike): Kernels {
  const views = new Views(buffer);
  return {
    gemmF32: plainGemm(views, plainGemmF32(views)),
    gemmBf16: plainGemm(views, plainGemmBf16(views)),
    rmsNorm: plainRmsNorm(views),
    rope: plainRope(views),
    attention: plainAttention(views),
    siluMul: plainSiluMul(views),
    gatherRowsF32: plainGatherRowsF32(views),
    gatherRowsBf16: plainGatherRowsBf16(views),
    scatterRows: plainScatterRows(views),
    addScaledRows: plainAddScaledRows(views),
    widenBf16: plainWidenBf16(views),
    widenF16: plainWidenF16(views),
    packBf16: plainPackBf16(views),
  };
}
