import { SECOND } from '../../src/kernel/clock.js';

/** Nothing was done, and the merchant cannot know. */
export const BEFORE: readonly string[] = ['timeout', 'http_500', 'http_502', 'garbage', 'reset', 'system_error'];

/** Only the signature is wrong. */
export const SIGNATURE: readonly string[] = ['wrong_signature', 'unsigned'];

/** It was done, and the merchant cannot know. */
export const AFTER: readonly string[] = ['succeed_then_reset', 'succeed_then_500', ...SIGNATURE, 'system_error_done'];

/** After an answer that was not to be believed, the keys of the gateway are asked for anew only after a pause. In milliseconds. */
export const PAUSE = 6 * SECOND;
