// The machine: processes that live and die, and the faults that end them between any two things they do.
import type { Random } from './random.ts';
import type { Time } from './time.ts';

/** What may happen to a runner at a point. `power`: everything dies, and the disk forgets what was not flushed. */
export type Fault = 'kill' | 'power';

/** Which points are hit. Points are counted from 1 over all runners of a history. */
export interface FaultPlan {
  at: ReadonlyMap<number, Fault>;
  /** Chance of a fault at any point beside those. */
  rate: number;
  /** At most so many by chance. */
  max: number;
}

export const noFaults: FaultPlan = { at: new Map(), rate: 0, max: 0 };

/** For those who die here. One for all of them would keep all that each of them was about. */
const never = (): Promise<never> => new Promise(() => {});

export class Process {
  alive = true;
  readonly onEnd = new Set<() => void>();
  readonly pid: number;
  readonly boot: number;
  readonly name: string;
  private readonly machine: Machine;

  constructor(machine: Machine, pid: number, name: string) {
    this.machine = machine;
    this.pid = pid;
    this.boot = machine.boot;
    this.name = name;
  }

  /**
   * One thing that this process does: it may die before it (`half` = what a death in the middle leaves), and time goes on a little.
   * Never resolves for the dead.
   */
  async step(label: string, half?: () => void): Promise<void> {
    if (!this.alive || this.machine.strike(this, label, half)) return never();
    await new Promise<void>(resolve => {
      this.machine.time.after(this.machine.latency.int(0, 2), () => {
        if (this.alive) resolve();
      });
    });
  }

  /** Waits; never resolves for the dead. */
  sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.machine.time.after(ms, () => {
        if (this.alive) resolve();
      });
    });
  }

  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.machine.processes.delete(this.pid);
    for (const tell of [...this.onEnd]) tell();
  }
}

export class Machine {
  boot = 1;
  points = 0;
  struck = 0;
  /** No more faults. */
  calm = false;
  /** Labels of points that were hit. */
  readonly hits: string[] = [];
  readonly processes = new Map<number, Process>();
  readonly time: Time;
  readonly latency: Random;
  readonly onPowerCut = new Set<() => void>();
  private pid = 100;
  private readonly plan: FaultPlan;
  private readonly random: Random;

  constructor(time: Time, options: { faults: FaultPlan; random: Random; latency: Random }) {
    this.time = time;
    this.plan = options.faults;
    this.random = options.random;
    this.latency = options.latency;
  }

  spawn(name: string): Process {
    const process = new Process(this, ++this.pid, name);
    this.processes.set(process.pid, process);
    return process;
  }

  lives(pid: number, boot: number): boolean {
    return boot === this.boot && this.processes.has(pid);
  }

  /** Whether the process dies here; then it has. */
  strike(process: Process, label: string, half?: () => void): boolean {
    const point = ++this.points;
    let fault = this.plan.at.get(point) ?? null;
    if (fault === null && this.struck < this.plan.max && this.plan.rate > 0 && this.random.chance(this.plan.rate)) {
      fault = this.random.chance(0.3) ? 'power' : 'kill';
    }
    if (fault === null || this.calm) return false;
    this.struck++;
    this.hits.push(`${fault} at ${point} (${process.name}: ${label})`);
    half?.();
    if (fault === 'power') this.powerCut();
    else process.end();
    return true;
  }

  /** Everything dies at once; the machine is up again at once, too: whoever starts something takes their time anyway. */
  powerCut(): void {
    for (const process of [...this.processes.values()]) process.end();
    this.boot++;
    for (const tell of this.onPowerCut) tell();
  }
}
