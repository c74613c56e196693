/** What the payer must do, as the API says it. */
export interface PayerAction {
  readonly type: string;
  readonly url?: string;
  readonly codeUrl?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** The simulator would not do it. */
export class SimulatorRefused extends Error {}

/** Asks the simulator at this address for something of its control API, or for its books. Throws `SimulatorRefused`. */
export async function askSimulator<Answer>(url: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Answer & { readonly message?: string };
  if (!response.ok) throw new SimulatorRefused(`the simulator would not ${method} ${path}: ${answer.message ?? response.status}`);
  return answer;
}

/** How the payer comes to the gateway: by an address, a form, or what the shop's app hands to the gateway's. */
export function visit(action: PayerAction | null): Record<string, unknown> {
  switch (action?.type ?? '') {
    case 'redirect':
      return { url: action?.url };
    case 'qr_code':
      return { url: action?.codeUrl };
    case 'form':
      return { form: { url: action?.url, fields: action?.fields } };
    case 'sdk':
      return action?.params?.orderString === undefined ? { params: action?.params } : { orderString: action.params.orderString };
    default:
      return {};
  }
}
