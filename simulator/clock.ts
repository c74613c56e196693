/** The simulator's time. Tests pass one they move by hand, so that an order expires without waiting for it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
