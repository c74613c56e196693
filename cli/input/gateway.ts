import { GATEWAY_NAMES, type GatewayName } from '../../src/payment/gateway/gateway.js';
import { UsageError } from '../usage-error.js';

/** Throws `UsageError`. */
export function gatewayNamed(name: string): GatewayName {
  const gateway = GATEWAY_NAMES.find((one) => one === name);
  if (gateway === undefined) {
    const given = name === '' || name.startsWith('-') ? 'the gateway must come first' : `there is no gateway ${name}`;
    throw new UsageError(`${given}: ${GATEWAY_NAMES.join(', ')}`);
  }
  return gateway;
}
