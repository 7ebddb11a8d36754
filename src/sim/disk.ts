// Files as text: what is on them now, what of it would survive a power cut, and a disk that can be full.
import type { Machine } from './machine.ts';
import type { Random } from './random.ts';

/** The system writes back what nobody has flushed after about so long. */
const writeBackMs = 30_000;

const fullError = (): Error => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

export class Disk {
  full = false;
  private readonly files = new Set<DiskFile>();
  private readonly machine: Machine;
  private readonly random: Random;

  constructor(machine: Machine, random: Random) {
    this.machine = machine;
    this.random = random;
    machine.onPowerCut.add(() => {
      for (const file of this.files) file.powerCut(this.random);
    });
  }

  file(text: string | null = null): DiskFile {
    const file = new DiskFile(this, this.machine, text);
    this.files.add(file);
    return file;
  }
}

/** One name on the disk. */
export class DiskFile {
  /** null: nothing stands under the name. */
  text: string | null;
  /** Grows with each change. */
  version = 1;
  private durable: string | null;
  /** What it held since, oldest first; `appended` = it only grew. */
  private since: { text: string | null; atMs: number; appended: boolean }[] = [];
  private readonly disk: Disk;
  private readonly machine: Machine;

  constructor(disk: Disk, machine: Machine, text: string | null) {
    this.disk = disk;
    this.machine = machine;
    this.text = text;
    this.durable = text;
  }

  /** Replaces the whole by rename. Throws ENOSPC. */
  replace(text: string | null): void {
    if (this.disk.full && text !== null) throw fullError();
    this.set(text, false);
  }

  /** Appends, or nothing of it (ENOSPC). */
  append(text: string): void {
    if (this.disk.full) throw fullError();
    this.set((this.text ?? '') + text, true);
  }

  /** What a process that dies in the middle of an append leaves. */
  appendPart(text: string): void {
    this.set((this.text ?? '') + text, true);
  }

  flush(): void {
    this.durable = this.text;
    this.since = [];
  }

  powerCut(random: Random): void {
    const old = this.machine.time.monoMs - writeBackMs;
    while (this.since[0] && this.since[0].atMs <= old) this.durable = this.since.shift()!.text;
    if (this.since.length > 0) {
      const at = random.int(-1, this.since.length - 1);
      const kept = at === -1 ? { text: this.durable, appended: false } : this.since[at]!;
      this.text = kept.appended ? torn(this.since[at - 1]?.text ?? this.durable ?? '', kept.text!, random) : kept.text;
      this.version++;
    }
    this.flush();
  }

  private set(text: string | null, appended: boolean): void {
    this.text = text;
    this.version++;
    this.since.push({ text, atMs: this.machine.time.monoMs, appended });
  }
}

/** A power cut may leave a part of what was appended, whole lines of it, or NUL bytes where it was to stand. */
const torn = (before: string, after: string, random: Random): string => {
  const added = after.slice(before.length);
  switch (random.int(0, 3)) {
    case 0:
      return after;
    case 1:
      return before + added.slice(0, random.int(0, added.length));
    case 2:
      return before + '\0'.repeat(added.length);
    default:
      return before + added.slice(0, Math.floor(added.length / 2)) + '\0'.repeat(Math.ceil(added.length / 2) - 1);
  }
};
