export const USAGE = `suanpan: a command-line aid for signatures of payment gateways. It asks nobody over the network.

  npx suanpan verify-callback <alipay|wechatpay|unionpay> --body FILE [--headers FILE] [--key FILE ...]
      Verifies a notice or an answer of a gateway: prints the verdict, the likeliest cause of a mismatch,
      and the very string that the signature is over.

  npx suanpan sign <alipay|wechatpay|unionpay> ... --key FILE [--expect SIGNATURE]
      Signs a request as the program does: prints the string and the signature, and says why another
      signature differs.

  npx suanpan verify-callback --help
  npx suanpan sign --help
      The formats of all inputs, with examples.

Exit codes: 0 verified (or signed), 1 not verified (or another signature), 2 a command that cannot be used.
`;
