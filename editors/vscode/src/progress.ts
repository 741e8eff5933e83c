/** How far a completion is within its budget. */

export interface Budget {
  tokens: number;
  seconds: number;
}

export interface Standing {
  tokens: number;
  seconds: number;
  /** 0 to 1 of the budget that is nearer to its end; undefined without one. */
  share: number | undefined;
  /** Seconds until the budget ends, as it goes now. */
  left: number | undefined;
}

export class Progress {
  private tokens = 0;
  private readonly began: number;

  constructor(
    private readonly budget: Budget,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.began = this.now();
  }

  add(tokens: number): void {
    this.tokens += tokens;
  }

  standing(): Standing {
    const seconds = (this.now() - this.began) / 1000;
    const shares: number[] = [];
    const left: number[] = [];
    if (this.budget.tokens > 0) {
      shares.push(this.tokens / this.budget.tokens);
      const rate = seconds > 0 ? this.tokens / seconds : 0;
      if (rate > 0) left.push((this.budget.tokens - this.tokens) / rate);
    }
    if (this.budget.seconds > 0) {
      shares.push(seconds / this.budget.seconds);
      left.push(this.budget.seconds - seconds);
    }
    return {
      tokens: this.tokens,
      seconds,
      share: shares.length ? Math.min(1, Math.max(...shares)) : undefined,
      left: left.length ? Math.max(0, Math.min(...left)) : undefined,
    };
  }
}
