import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

import { isPublicAddress } from '../../kernel/public-address.js';

/** The code of the error, as the log and an outcome's cause have it. */
export const NOT_PUBLIC = 'EINNERADDRESS';

/**
 * Resolves a name for a connection, and refuses it where any of its addresses is not of the public Internet. Asked here, at the last
 * moment, there is no second question that could be answered otherwise.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, found: string | readonly { readonly address: string }[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
    const refused = error ?? (addresses.every(isPublicAddress) ? null : Object.assign(new Error('an inner address'), { code: NOT_PUBLIC }));
    callback(refused, found as string, family);
  });
};
