export const VERIFY_HELP = `npx suanpan verify-callback <gateway> --body FILE [--headers FILE] [--key FILE ...] [options]

Verifies what a gateway sent, with the code that the program verifies it with, and prints the verdict, the
likeliest cause of a mismatch, and the exact string that the signature is over. It judges the signature (and of
WeChat Pay the time and the encryption, of UnionPay the certificate): whether the message is for your app or
merchant, and whether the amount is right, is not asked here.

<gateway> is alipay, wechatpay or unionpay.

Exit codes
  0  verified
  1  not verified
  2  the command cannot be used: an unknown option, a file that cannot be read, no key, a file that is no key

Inputs
  --body FILE      The body, byte for byte as it came. A line break at its end counts as a part of it, but for one
                   after UnionPay's answers. In place of the body, decoded fields as one JSON object of texts,
                   {"app_id":"...","sign":"..."} (alipay, unionpay).
  --headers FILE   The HTTP headers: one JSON object {"Wechatpay-Nonce":"..."}, also of lists {"...":["..."]}, or
                   lines of "Name: value" (LF or CR LF). Letter case of names makes no difference. Needed for
                   wechatpay and for answers of Alipay's version 3, and of no use elsewhere.
  --key FILE       The gateway's public key or certificate, PEM. May be repeated; the output says which fits.
                   Without any, the settings of the environment and of .env in this folder are used:
                   ALIPAY_PUBLIC_KEY_FILE or ALIPAY_CERT_FILE; WECHATPAY_PUBLIC_KEY_ID with
                   WECHATPAY_PUBLIC_KEY_FILE, and WECHATPAY_API_V3_KEY; UNIONPAY_ROOT_CERT_FILE with
                   UNIONPAY_MIDDLE_CERT_FILE, and UNIONPAY_GATEWAY_URL.
  --at TIME        The clock to judge by: 2026-01-05T10:12:34+08:00 (ISO 8601 with its offset, or Z), or seconds
                   or milliseconds since 1970. Default: now. A recording needs the time it arrived.
  --answer         The body is the gateway's answer to a request of ours, and not a notice.
  --json           Prints one JSON object: {verdict: "verified" | "not_verified", gateway, readAs, reason, detail,
                   cause, key, string, remarks, notice?}. What does not apply is null. stringBase64 is there where
                   the string is not UTF-8.
  FILE may be - for the standard input, once.

alipay
  --body is taken for
    a notice: the form as it was posted (a=1&b=2, URL-encoded),
      or the query of a return address, or the whole address (https://...?a=1&b=2);
    decoded fields: a JSON object of texts;
    an answer of gateway.do: a JSON object with a member such as alipay_trade_query_response, which --answer says
      for certain; the raw text of that member is what is signed;
    an answer of version 3: any body, where --headers has alipay-timestamp, alipay-nonce or alipay-signature.
  --node NAME          The member of an answer that is signed, where there are several.
  --keep-sign-type     sign_type is signed, too, as in messages of the service market and of life accounts. Without
                       it such messages are not verified, because the program takes none for a payment.
  reason: malformed, headers, signature

    npx suanpan verify-callback alipay --body notice.txt --key alipay-public-key.pem
    npx suanpan verify-callback alipay --body answer.json --answer --key alipay-public-key.pem
    npx suanpan verify-callback alipay --body answer.json --headers headers.json --answer --key alipay-public-key.pem

wechatpay
  --key SERIAL=FILE    A public key under its id (PUB_KEY_ID_...), or a key or certificate under a serial number. A
                       certificate given as FILE alone names itself by its serial number. A public key given as FILE
                       alone stands for whatever Wechatpay-Serial says, and the output says so.
  --api-v3-key FILE    The API v3 key, 32 characters (a line break at the end does not count). Opens the resource of
                       a notice, and prints it as "resource". Wrong key, or anything changed: not verified. The
                       body must be a notice then, unless --answer is given.
  --string FILE        In place of --body: the exact string that was signed. Of the headers only Wechatpay-Serial and
                       Wechatpay-Signature are looked at.
  The timestamp may be 300 seconds from --at. Checked in this order, and the first that is wrong is the
  reason: headers, timestamp, serial, signature, decrypt, resource

    npx suanpan verify-callback wechatpay --headers headers.txt --body body.json \\
      --key PUB_KEY_ID_0112345678=pub_key.pem --api-v3-key api-v3-key.txt --at 1767579161
    npx suanpan verify-callback wechatpay --headers headers.json --body answer.json --answer \\
      --key 5157F09EFDC096DE15EBE81A47057A7232F1B8E1=platform-public-key.pem --key other-certificate.pem

unionpay
  --body is taken for
    a notice: the form as it was posted (a=1&b=2, URL-encoded);
    an answer: the raw text k=v&k=v, of which nothing is URL-encoded. --answer says so for certain; without it, line
      breaks within the body say so, which the certificate in an answer has and a form never has;
    decoded fields: a JSON object of texts.
  The key is in the message (signPubKeyCert), and must lead to the certificates given here:
  --root FILE          The root certificate, PEM.
  --middle FILE        The certificate between it and UnionPay's, PEM. --key FILE, twice, does for both: the
                       certificate that issued itself is the root.
  --test-environment   Takes the name that certificates of UnionPay's test environment bear, as well as UnionPay's.
  Certificates are judged by --at. Checked in this order, and the first that is wrong is the
  reason: malformed, missing, cert, chain, expired, cn, signature

    npx suanpan verify-callback unionpay --body notice.txt --root root.pem --middle middle.pem --at 2024-01-05T09:00:00Z
    npx suanpan verify-callback unionpay --body answer.txt --answer --root root.pem --middle middle.pem
    npx suanpan verify-callback unionpay --body fields.json --key root.pem --key middle.pem
`;
