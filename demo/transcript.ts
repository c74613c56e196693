import { StepFailed } from './failures.js';

/** What the reader sees: numbered chapters, what is done in words, and a ✓ for each thing that was looked up and found right. */
export class Transcript {
  private chapters = 0;
  private checks = 0;

  chapter(title: string): void {
    this.chapters += 1;
    this.line(`\n${this.chapters}. ${title}`);
  }

  say(text: string): void {
    this.line(`   ${text}`);
  }

  /** Throws `StepFailed` where it does not hold; `found` is what was there instead. */
  check(claim: string, holds: boolean, found?: unknown): void {
    if (!holds) {
      this.line(`   ✗ ${claim}`);
      throw new StepFailed(`Step ${this.chapters}: expected "${claim}"${found === undefined ? '' : `, found ${JSON.stringify(found)}`}.`);
    }
    this.checks += 1;
    this.line(`   ✓ ${claim}`);
  }

  summary(text: string): void {
    this.line(`\n${this.checks} checks in ${this.chapters} steps, all ✓. ${text}`);
  }

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

/** 81200 fen as ¥812.00. */
export function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}¥${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
