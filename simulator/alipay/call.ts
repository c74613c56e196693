import type { App, Apps } from './apps.js';
import { BizContent } from './biz-content.js';
import { fromBeijingTime } from './beijing-time.js';
import { invalid, missing } from './refused.js';
import { requestText, verifiesRsa2, type Parameters } from './signing.js';

/** A call that was really made by the merchant: signed, and complete as far as every method needs. */
export interface Call {
  readonly app: App;
  readonly method: string;
  readonly notifyUrl: string | null;
  readonly returnUrl: string | null;
  readonly biz: BizContent;
}

/** Common parameters come in the query, in the body, or split over both; they are one set. */
export function parametersOf(query: string, body: string): Parameters {
  return Object.fromEntries([...new URLSearchParams(query), ...new URLSearchParams(body)]);
}

/** Alipay looks who is calling before it looks at the signature, and cannot sign an answer to nobody. */
export function checkApp(parameters: Parameters, apps: Apps): App {
  if (!parameters.app_id) throw missing('app-id', '缺少AppID参数');
  const app = apps.find(parameters.app_id);
  if (!app) throw invalid('app-id', '无效的AppID参数');
  return app;
}

export function checkMethod(parameters: Parameters, known: ReadonlySet<string>): string {
  if (!parameters.method) throw missing('method', '缺少方法名参数');
  if (!known.has(parameters.method)) throw invalid('method', '不存在的方法名');
  return parameters.method;
}

export function checkCall(parameters: Parameters, method: string, app: App): Call {
  checkCertificates(parameters, app);
  checkSignature(parameters, app);
  if (!parameters.timestamp) throw missing('timestamp', '缺少时间戳参数');
  if (!fromBeijingTime(parameters.timestamp)) throw invalid('timestamp', '非法的时间戳参数，格式为 yyyy-MM-dd HH:mm:ss');
  if (!parameters.version) throw missing('version', '缺少版本参数');
  if (parameters.version !== '1.0') throw invalid('parameter', 'version 须为 1.0');
  if (parameters.format && parameters.format.toUpperCase() !== 'JSON') throw invalid('format', '无效的数据格式');
  return {
    app,
    method,
    notifyUrl: address('notify_url', parameters.notify_url),
    returnUrl: address('return_url', parameters.return_url),
    biz: BizContent.parse(parameters.biz_content ?? '{}'),
  };
}

/** An app works in one of the two ways. Certificates that a bare key goes without are not asked for, and not minded. */
function checkCertificates(parameters: Parameters, { certificates }: App): void {
  if (!certificates) return;
  if (!parameters.app_cert_sn) throw missing('app-cert-sn', '缺少应用公钥证书SN参数');
  if (parameters.app_cert_sn !== certificates.app) throw invalid('app-cert-sn', '应用公钥证书SN与应用不匹配');
  if (!parameters.alipay_root_cert_sn) throw missing('alipay-root-cert-sn', '缺少支付宝根证书SN参数');
  if (parameters.alipay_root_cert_sn !== certificates.root) throw invalid('alipay-root-cert-sn', '支付宝根证书SN不匹配');
}

function checkSignature(parameters: Parameters, app: App): void {
  if (!parameters.sign_type) throw missing('signature-type', '缺少签名类型参数');
  if (parameters.sign_type !== 'RSA2') throw invalid('signature-type', '无效的签名类型');
  if (!parameters.sign) throw missing('signature', '缺少签名参数');
  if (parameters.charset?.toLowerCase() !== 'utf-8') throw invalid('charset', '字符集错误，须为 utf-8');
  const text = requestText(parameters);
  // The real gateway, too, shows the text that it verified; nothing finds a signing mistake faster.
  if (!verifiesRsa2(text, parameters.sign, app.publicKey)) throw invalid('signature', `验签出错，网关生成的验签字符串为：${text}`);
}

function address(name: string, value: string | undefined): string | null {
  if (!value) return null;
  const usable = value.length <= 256 && /^https?:\/\//i.test(value) && URL.canParse(value);
  if (!usable) throw invalid('parameter', `${name} 须为不超过 256 个字符的 http(s) 地址`);
  return value;
}
