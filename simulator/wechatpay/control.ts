import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.js';
import { Input } from '../control/input.js';
import { KEY_MODES, NOTICE_SIGNERS, type PlatformKeys } from './platform-keys.js';

/** Which keys WeChat Pay signs with. What is left out stays as it is. */
export function wechatpayControl(app: FastifyInstance, platform: PlatformKeys, clock: Clock): void {
  const view = (): Record<string, unknown> => ({
    mode: platform.mode,
    noticesSignedBy: platform.noticesSignedBy,
    certificates: platform.listed().map(({ serial }) => serial),
  });

  app.post('/control/wechatpay', async ({ body }) => {
    const input = new Input(body, ['mode', 'noticesSignedBy', 'rotate']);
    const mode = input.oneOf('mode', KEY_MODES) ?? platform.mode;
    const noticesSignedBy = input.oneOf('noticesSignedBy', NOTICE_SIGNERS) ?? platform.noticesSignedBy;
    const rotate = input.boolean('rotate') ?? false;
    Object.assign(platform, { mode, noticesSignedBy });
    if (rotate) await platform.rotate(clock());
    return view();
  });

  app.get('/control/wechatpay', view);
}
