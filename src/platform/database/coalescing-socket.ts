import { Socket } from 'node:net';

type Done = (error?: Error | null) => void;

/**
 * Sends what is written in one turn of the event loop as one packet. The driver writes each statement for itself, and a
 * unit of work has several at once: a system call for each would cost more than the statements.
 */
export class CoalescingSocket extends Socket {
  private gathering = false;

  override write(chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean {
    if (!this.gathering) {
      this.gathering = true;
      this.cork();
      process.nextTick(() => {
        this.gathering = false;
        this.uncork();
      });
    }
    // Node tells the two forms apart by itself.
    return super.write(chunk, encoding as BufferEncoding, done);
  }
}
