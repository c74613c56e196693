import type { Worker } from 'node:cluster';

interface Connection {
  close(): void;
}

/**
 * Closes, when a child ends, the connection that was on its way to it. Node hands a child one connection at a time and keeps it
 * open until the child says that it has it; if the child ends instead, that connection would stay open with nobody at its other
 * end, and whoever called would wait for as long as they can. Closed, they know. One that was taken is closed here already, and
 * closing it again does nothing.
 */
export function closeWhatIsInTransitTo(child: Worker): void {
  const given = child.process.send.bind(child.process) as (...args: readonly unknown[]) => boolean;
  // One for each address that is listened at.
  const last = new Map<unknown, Connection>();
  const send = (...args: readonly unknown[]): boolean => {
    const [message, handle] = args;
    if (isConnection(handle)) last.set((message as { key?: unknown }).key, handle);
    return given(...args);
  };
  Object.assign(child.process, { send });
  child.once('exit', () => last.forEach((connection) => connection.close()));
}

function isConnection(handle: unknown): handle is Connection {
  return typeof handle === 'object' && handle !== null && typeof (handle as Partial<Connection>).close === 'function';
}
