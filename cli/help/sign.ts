export const SIGN_HELP = `npx suanpan sign <gateway> [options] --key FILE [--expect SIGNATURE]

Signs what the program would send, with the code that it signs with, and prints the exact string to sign and the
signature. With --expect it says whether another signature is the same, and if not, why probably. It sends nothing,
and prints no private key and no secure key.

<gateway> is alipay, wechatpay or unionpay.

Exit codes
  0  signed, or the string printed where no key is given; with --expect: the same
  1  with --expect: not the same
  2  the command cannot be used: an unknown option, a file that cannot be read, a file that is no key

Common options
  --key FILE            Your private key, PEM without a password. With --expect a public key or a certificate will
                        do. Without --key only the string is printed.
  --expect SIGNATURE    The signature to compare with, in base64 (with --secure-key: in hexadecimal).
  --json                Prints one JSON object: {gateway, what, string, signature, ..., expected: "same" | "different"
                        | null, cause, remarks}.
  --params FILE         One JSON object of texts, {"app_id":"...","biz_content":"{\\"out_trade_no\\":\\"1\\"}"}. A number
                        becomes its digits, and an object its compact JSON. A sign or signature in it is left out.
  --body FILE           The body, byte for byte as it is sent, in UTF-8. Left out where it is empty.
  --url URL             Path and query as they go out, percent signs and all. A whole address is cut to that.
  FILE may be - for the standard input, once.

alipay
  --params FILE         A request to gateway.do. Prints the string, the signature (sign), and the form to send.
  --auth-string TEXT    A request of version 3: app_id=...,nonce=...,timestamp=... as the Authorization header has it.
                        Takes --method, --url, --body and --app-auth-token TEXT, and prints the header as authorization.

    npx suanpan sign alipay --params request.json --key app-private-key.pem
    npx suanpan sign alipay --auth-string 'app_id=2021000000000000,nonce=1b2c,timestamp=1767579161000' --method POST \\
      --url /v3/alipay/trade/query --body body.json --key app-private-key.pem

wechatpay
  --method, --url, --body, --timestamp SECONDS, --nonce TEXT
                        A request. Timestamp and nonce are made where they are left out.
  --mchid, --serial     The merchant, and the serial number of its certificate: with both the Authorization header is
                        printed, too, as authorization.
  --pay jsapi|app       What the payer's client invokes (jsapi also for mini programs), with --appid, --timestamp,
                        --nonce, and --prepay-id or --package. Prints paySign, or sign for an app.
  --prepay-id ID        As WeChat Pay answered it: jsapi has prepay_id= before it, which is put there, and app has not.
  --package TEXT        In place of --prepay-id: what is to be signed as the last line, as it is.
  --string FILE         The string to sign, as it is.

    npx suanpan sign wechatpay --method POST --url /v3/pay/transactions/native --timestamp 1767579161 --nonce 593BEC0C \\
      --body body.json --mchid 1900000001 --serial 408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB --key apiclient_key.pem
    npx suanpan sign wechatpay --pay jsapi --appid wx2421b1c4370ec43b --timestamp 1554208460 --nonce 593BEC0C \\
      --prepay-id wx201410272009395522657a690389285100 --key apiclient_key.pem --expect 'mI35pfNEQV67...'

unionpay
  --params FILE         A request. Prints the string, its SHA-256 (digest), which is what is signed, the number of the
                        certificate (certId) and the signature. A certId in the parameters is signed as it is; where
                        there is none, that of the certificate is put there.
  --cert FILE           The certificate, PEM, where the file of --key does not hold it, too.
  --secure-key FILE     A shared secure key in place of --key, with --sign-method 11 (SHA-256) or 12 (SM3); without
                        it signMethod of the parameters says which.

    npx suanpan sign unionpay --params request.json --key merchant-key-and-certificate.pem
    npx suanpan sign unionpay --params request.json --key key.pem --cert certificate.pem --expect 'CJ0Hh6WC0Yld...'
    npx suanpan sign unionpay --params request.json --secure-key secure-key.txt --sign-method 11
`;
