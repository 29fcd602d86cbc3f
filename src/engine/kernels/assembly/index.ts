// The kernels of the embedded engine; src/engine/kernels/kernels.ts says what each computes.

export { siluMul } from "./activation";
export { attention } from "./attention";
export { packBf16, widenBf16, widenF16 } from "./convert";
export { gemmBf16, gemmF32 } from "./gemm";
export { rmsNorm } from "./norm";
export { rope } from "./rope";
export { addScaledRows, gatherRowsBf16, gatherRowsF32, scatterRows } from "./rows";
