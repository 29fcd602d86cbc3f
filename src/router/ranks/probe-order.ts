/**
 * Which of what is known of a rank is newest. A probe tells of the moment at which it began, however late its answer
 * comes and however often.
 */
export class ProbeOrder {
  #last = 0;
  /** What is known from before this number is older than what is believed. */
  #newest = 0;

  /** Begins a probe and gives its number. */
  begin(): number {
    return ++this.#last;
  }

  /** Takes in the answer to a probe. False: something newer is known, or this very answer. */
  accept(number: number): boolean {
    if (number <= this.#newest) return false;
    this.#newest = number;
    return true;
  }

  /** Something was learned at this moment: probes that are under way tell what was before. */
  supersede(): void {
    this.#newest = this.#last;
  }

  /** Whether a probe's answer would still be news. */
  isNews(number: number): boolean {
    return number > this.#newest;
  }
}
