export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Which thread of how many. */
export interface Seat {
  readonly index: number;
  readonly count: number;
}

/** This thread's share of `size` items, in whole units; the shares of all threads cover every item once. */
export function shareOf(seat: Seat, size: number, unit = 1): Range {
  const units = Math.ceil(size / unit);
  const start = Math.floor((units * seat.index) / seat.count) * unit;
  const end = Math.floor((units * (seat.index + 1)) / seat.count) * unit;
  return { start: Math.min(start, size), end: Math.min(end, size) };
}
