import type { Cancel, Clock } from "../../src/router/net/clock.ts";

interface QueuedEvent {
  readonly timeMs: number;
  readonly number: number;
  /** Undefined once cancelled. */
  action: (() => void) | undefined;
}

/** All that will happen, in the order of its time, and of its making where that is even. */
export class EventQueue {
  nowMs = 0;
  /** Called after each event, when all that follows from it in the same turn has happened. */
  onTurnEnd: () => void = () => {};
  #count = 0;
  readonly #heap: QueuedEvent[] = [];

  after(delayMs: number, action: () => void): Cancel {
    return this.at(this.nowMs + delayMs, action);
  }

  at(timeMs: number, action: () => void): Cancel {
    const event: QueuedEvent = {
      timeMs: Math.max(timeMs, this.nowMs),
      number: this.#count++,
      action,
    };
    this.#push(event);
    return () => {
      event.action = undefined;
    };
  }

  /** Lets the next thing happen. False when there is none. */
  step(): boolean {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return false;
      if (event.action === undefined) continue;
      this.nowMs = event.timeMs;
      event.action();
      this.onTurnEnd();
      return true;
    }
  }

  #push(event: QueuedEvent): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): QueuedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return last;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(one: QueuedEvent, other: QueuedEvent): boolean {
  return one.timeMs < other.timeMs || (one.timeMs === other.timeMs && one.number < other.number);
}

/** The router's view of the queue: its timers are counted, so that one that is never cancelled shows. */
export class VirtualClock implements Clock {
  readonly #queue: EventQueue;
  readonly #latenessMs: () => number;
  #timerCount = 0;

  /** Timers ring late, as on a busy machine. */
  constructor(queue: EventQueue, latenessMs: () => number) {
    this.#queue = queue;
    this.#latenessMs = latenessMs;
  }

  /** Timers that will still ring. */
  get timerCount(): number {
    return this.#timerCount;
  }

  nowMs(): number {
    return this.#queue.nowMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    this.#timerCount++;
    let isOver = false;
    const end = () => {
      if (!isOver) this.#timerCount--;
      isOver = true;
    };
    const cancel = this.#queue.after(Math.max(delayMs, 0) + this.#latenessMs(), () => {
      end();
      callback();
    });
    return () => {
      end();
      cancel();
    };
  }

  every(intervalMs: number, callback: () => void): Cancel {
    this.#timerCount++;
    let cancel: Cancel = () => {};
    let isOver = false;
    const arm = () => {
      cancel = this.#queue.after(intervalMs + this.#latenessMs(), () => {
        arm();
        callback();
      });
    };
    arm();
    return () => {
      if (!isOver) this.#timerCount--;
      isOver = true;
      cancel();
    };
  }
}
