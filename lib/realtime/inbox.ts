/** A waiting message. `run` returns a promise when what follows has to wait for it. */
export interface Job {
  readonly bytes: number;
  readonly run: () => Promise<void> | undefined;
}

export interface InboxOptions {
  /** More than this waits: stop reading; less than half: go on. */
  readonly highJobs: number;
  readonly highBytes: number;
  readonly onPressure: (full: boolean) => void;
  /** A job failed that should have dealt with its own failure; the next one runs all the same. */
  readonly onFault: (error: unknown) => void;
}

/** Runs jobs strictly in order, one at a time; closed until `open`, and bounded by who fills it. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #jobs: Job[] = [];
  #bytes = 0;
  #ready = false;
  #busy = false;
  #full = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** True when more is waiting than should. */
  get full(): boolean {
    return this.#full;
  }

  push(job: Job): void {
    if (this.#ready && !this.#busy && this.#jobs.length === 0) {
      this.#run(job);
      return;
    }
    this.#jobs.push(job);
    this.#bytes += job.bytes;
    this.#weigh();
  }

  open(): void {
    this.#ready = true;
    this.#next();
  }

  clear(): void {
    this.#ready = false;
    this.#jobs.length = 0;
    this.#bytes = 0;
  }

  #run(job: Job): void {
    let done: Promise<void> | undefined;
    try {
      done = job.run();
    } catch (error) {
      this.#options.onFault(error);
    }
    if (done === undefined) return;
    this.#busy = true;
    void done.catch(this.#options.onFault).then(() => {
      this.#busy = false;
      this.#next();
    });
  }

  #next(): void {
    while (this.#ready && !this.#busy) {
      const job = this.#jobs.shift();
      if (job === undefined) break;
      this.#bytes -= job.bytes;
      this.#run(job);
    }
    this.#weigh();
  }

  #weigh(): void {
    const { highJobs, highBytes, onPressure } = this.#options;
    const { length } = this.#jobs;
    const full = this.#full
      ? length > highJobs / 2 || this.#bytes > highBytes / 2
      : length > highJobs || this.#bytes > highBytes;
    if (full === this.#full) return;
    this.#full = full;
    onPressure(full);
  }
}
