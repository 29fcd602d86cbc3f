/** The same memory as each of the kernels' element types; addresses are bytes, indexes elements. */
export class Views {
  readonly f32: Float32Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;

  constructor(buffer: ArrayBufferLike) {
    this.f32 = new Float32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u8 = new Uint8Array(buffer);
  }
}

/** Where the weight of this column lies in a packed row: w0 w4 w1 w5 w2 w6 w3 w7. */
export function packedIndex(column: number): number {
  const inGroup = column % 8;
  return column - inGroup + (inGroup < 4 ? inGroup * 2 : (inGroup - 4) * 2 + 1);
}

const word = new Uint32Array(1);
const asFloat = new Float32Array(word.buffer);

/** The f32 with these bits. */
export function floatOfBits(bits: number): number {
  word[0] = bits;
  return asFloat[0]!;
}

/** The bits of this f32. */
export function bitsOfFloat(value: number): number {
  asFloat[0] = value;
  return word[0]!;
}
