import { invalidRequest, type RequestProblem } from '../../platform/http/problem.js';
import { neverShow } from '../../platform/secrets/scrub.js';
import type { GatewayName } from '../gateway/gateway.js';
import { PROVIDERS } from '../gateway/providers.js';
import { SettingProblem, refuseForProduction, type InnerHosts, type SettingFields } from '../gateway/settings.js';

/** The fields of an account, checked, and parted into what may be shown and what may not. */
export interface CheckedFields {
  readonly identity: string;
  readonly shown: Record<string, string>;
  readonly secret: Record<string, string>;
}

/** Throws `SettingProblem` where a field is missing, wrong, or none of this gateway's. */
export function checkFields(gateway: GatewayName, fields: SettingFields, innerHosts: InnerHosts): CheckedFields {
  const known = new Map(PROVIDERS[gateway].fields.map((field) => [field.name, field]));
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value.trim() === '' ? [] : [[name, value] as const],
  );
  const stranger = given.find(([name]) => !known.has(name));
  if (stranger)
    throw new SettingProblem(stranger[0].slice(0, 200), `is no field of a ${gateway} account, which has ${[...known.keys()].join(', ')}`);
  refuseForProduction(fields, innerHosts);
  const isSecret = ([name]: readonly [string, string]) => known.get(name)?.secret === true;
  for (const [, value] of given.filter(isSecret)) neverShow(value);
  const exposed = given.find((field) => !isSecret(field) && field[1].includes('PRIVATE KEY-----'));
  if (exposed) throw new SettingProblem(exposed[0], 'holds a private key, and is shown to whoever may read the account');
  return {
    identity: PROVIDERS[gateway].identity(fields),
    shown: Object.fromEntries(given.filter((field) => !isSecret(field))),
    secret: Object.fromEntries(given.filter(isSecret)),
  };
}

/** The 400 that names the field. */
export function asRequestProblem({ field, problem }: SettingProblem): RequestProblem {
  return invalidRequest([{ path: `settings.${field}`, message: problem }]);
}
