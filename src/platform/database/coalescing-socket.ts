import { Socket, type SocketConnectOpts } from 'node:net';

type Done = (error?: Error | null) => void;

/**
 * Sends what is written in one turn of the event loop as one packet. The driver writes each statement for itself, and a
 * unit of work has several at once: a system call for each would cost more than the statements.
 */
export class CoalescingSocket extends Socket {
  private gathered: Uint8Array[] = [];

  override connect(to: SocketConnectOpts | number | string, ...more: unknown[]): this {
    super.connect(to as number, ...(more as [string]));
    // Node puts its own `write` in the way of every other, for sockets that are connected a second time.
    Reflect.deleteProperty(this, 'write');
    return this;
  }

  override write(chunk: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean {
    // Whoever wants to hear that it was written, or writes text, is not in a hurry: what was gathered goes first.
    if (typeof chunk === 'string' || encoding !== undefined || done !== undefined) {
      this.flush();
      // Node tells the two forms apart by itself.
      return super.write(chunk, encoding as BufferEncoding, done);
    }
    if (this.gathered.length === 0) process.nextTick(() => this.flush());
    this.gathered.push(chunk);
    return !this.writableNeedDrain;
  }

  override end(...last: unknown[]): this {
    this.flush();
    return super.end(...(last as [string]));
  }

  private flush(): void {
    const [first, ...more] = this.gathered;
    this.gathered = [];
    if (first !== undefined) super.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
  }
}
