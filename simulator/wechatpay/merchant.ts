/** The one merchant that the simulated WeChat Pay knows. */
export const WECHATPAY_MCH_ID = '1900000001';
export const WECHATPAY_APP_ID = 'wx0000000000000001';
