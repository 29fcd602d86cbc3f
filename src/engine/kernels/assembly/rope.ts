/**
 * Rotates one head of every row in place, halves against each other as Hugging Face stores them. The table has
 * headDim values a row: headDim / 2 cosines, then as many sines.
 */
export function rope(x: usize, table: usize, rows: i32, stride: i32, headDim: i32): void {
  const half = (<usize>headDim) << 1;
  for (let row = 0; row < rows; row++) {
    const first = x + ((<usize>row * <usize>stride) << 2);
    const cosines = table + ((<usize>row * <usize>headDim) << 2);
    for (let at: usize = 0; at < half; at += 16) {
      const a = v128.load(first + at);
      const b = v128.load(first + half + at);
      const cosine = v128.load(cosines + at);
      const sine = v128.load(cosines + half + at);
      v128.store(first + at, f32x4.sub(f32x4.mul(a, cosine), f32x4.mul(b, sine)));
      v128.store(first + half + at, f32x4.add(f32x4.mul(b, cosine), f32x4.mul(a, sine)));
    }
  }
}
