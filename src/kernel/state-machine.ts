import { assert } from './assert.js';
import { conflict } from './domain-error.js';

/** From each state, the state that each permitted action leads to. Whatever is not in the table is not permitted. */
export type Transitions<State extends string, Action extends string> = Readonly<Record<State, Readonly<Partial<Record<Action, State>>>>>;

/** A literal table with its questions. Nothing else in the program assigns a status. */
export class StateMachine<State extends string, Action extends string> {
  constructor(
    readonly subject: string,
    readonly transitions: Transitions<State, Action>,
  ) {
    for (const [from, actions] of Object.entries<Partial<Record<Action, State>>>(transitions)) {
      for (const to of Object.values<State | undefined>(actions)) {
        assert(to !== undefined && to in transitions, `${subject}: ${from} leads to ${to}, which is no state`);
      }
    }
  }

  can(from: State, action: Action): boolean {
    return this.transitions[from][action] !== undefined;
  }

  /** The state after `action`. Throws the 409 `illegal_transition` where the table says no. */
  next(from: State, action: Action): State {
    const to = this.transitions[from][action];
    if (to === undefined) {
      throw conflict('illegal_transition', `The ${this.subject} is ${from}: it cannot ${action} now.`, { currentStatus: from, action });
    }
    return to;
  }

  /** Where `action` leads from each state that permits it: the table's column, for a statement over many rows. */
  column(action: Action): Readonly<Record<string, State>> {
    const rows = Object.entries<Partial<Record<Action, State>>>(this.transitions);
    return Object.fromEntries(rows.flatMap(([from, actions]) => (actions[action] === undefined ? [] : [[from, actions[action]]])));
  }
}
