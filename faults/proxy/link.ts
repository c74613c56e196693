import { connect, type Socket } from 'node:net';

import { Flow, type Direction, type Manner } from './flow.js';

/** One connection through a proxy: from whoever called, the near end, to the server, the far one. */
export class Link {
  private readonly far: Socket;
  private severed = false;

  constructor(
    private readonly near: Socket,
    port: number,
    manner: () => Manner,
    sees: (piece: Buffer, direction: Direction, link: Link) => boolean,
    gone: (link: Link) => void,
  ) {
    this.far = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    near.setNoDelay(true);
    new Flow(near, this.far, manner, (piece) => sees(piece, 'up', this));
    new Flow(this.far, near, manner, (piece) => sees(piece, 'down', this));
    for (const socket of [near, this.far]) socket.on('error', () => undefined);
    near.on('close', () => {
      this.far.destroy();
      gone(this);
    });
    this.far.on('close', () => {
      if (!this.severed) near.destroy();
    });
  }

  /** The port of whoever called: the system knows which process has it. */
  get callerPort(): number {
    return this.near.remotePort ?? 0;
  }

  /** Our own port towards the server: the other end of the server's connection. */
  get serverPort(): number {
    return this.far.localPort ?? 0;
  }

  freeze(): void {
    this.near.pause();
    this.far.pause();
  }

  thaw(): void {
    this.near.resume();
    this.far.resume();
  }

  /** The far end is gone, and the near one hears nothing of it. */
  sever(): void {
    this.severed = true;
    this.near.resume();
    this.far.destroy();
  }

  /** Both ends hear of it at once. */
  cut(): void {
    this.near.resetAndDestroy();
    this.far.resetAndDestroy();
  }
}
