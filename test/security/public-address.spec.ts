import { isPublicAddress, isPublicHost } from '../../src/kernel/public-address.js';

describe('An address of the public Internet', () => {
  it.each(['1.1.1.1', '203.0.112.255', '172.32.0.1', '100.128.0.1', '2400:3200::1', '2606:4700::1111', '64:ff9b::101:101'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    ...['127.0.0.1', '127.255.255.255', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1'],
    ...['169.254.169.254', '192.0.0.1', '198.18.0.1', '198.19.255.255', '224.0.0.1', '255.255.255.255', '203.0.113.7'],
    ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '2001::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '0:0:0:0:0:ffff:a9fe:a9fe', '64:ff9b::7f00:1', '64:ff9b::169.254.169.254'],
    ...['', 'localhost', '127.1', '0x7f000001'],
  ])('is not %j', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['https://openapi.alipay.com/', 'https://1.1.1.1/', 'https://[2400:3200::1]/', 'https://shop.example:8443/a?b'])(
    'can be behind %s',
    (address) => {
      expect(isPublicHost(new URL(address).hostname)).toBe(true);
    },
  );

  it.each([
    ...[
      'http://localhost/',
      'http://LOCALHOST./',
      'http://a.localhost/',
      'http://db/',
      'http://printer.local/',
      'http://metadata.google.internal/',
    ],
    ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://0/'],
    ...[
      'http://[::1]/',
      'http://[::ffff:10.0.0.1]/',
      'http://169.254.169.254/latest/meta-data',
      'http://１２７.0.0.1/',
      'http://127.0.0.1./',
    ],
  ])('is not behind %s', (address) => {
    expect(isPublicHost(new URL(address).hostname)).toBe(false);
  });
});
