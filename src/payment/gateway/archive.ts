import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

/** In bytes, of all entries together once they are unpacked. A row of a statement has about three hundred. */
const LARGEST_CONTENT = 128 * 1024 * 1024;
const MOST_ENTRIES = 64;

const END = { signature: 0x06054b50, length: 22, longestComment: 0xffff };
const CENTRAL = { signature: 0x02014b50, length: 46 };
const LOCAL = { signature: 0x04034b50, length: 30 };
const ENCRYPTED = 0x1;
const UTF8_NAME = 0x800;
const STORED = 0;
const DEFLATED = 8;
/** A name and nothing of a path, so that nobody who writes it to a disk writes it elsewhere. */
const FILE_NAME = /^(?!\.)[^/\\:\p{Cc}]+$/u;

export interface ArchiveEntry {
  /** A mere file name, no other entry's: one with a path in it is refused, and so is a hidden one. */
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * The files in a ZIP archive, by its central directory, or what is wrong with it. Names are in GBK unless they are
 * flagged as UTF-8: Alipay writes them so and does not say it, and ASCII is the same in both. No ZIP64, no encryption.
 * Nothing is written to a disk, and no more than `largest` bytes are ever unpacked. Never throws.
 * Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
 */
export async function readArchive(zip: Buffer, largest = LARGEST_CONTENT): Promise<readonly ArchiveEntry[] | string> {
  try {
    return await entriesOf(zip, largest);
  } catch {
    // Offsets beyond the end, bytes that are no deflate stream, more bytes than were announced.
    return 'the archive is damaged';
  }
}

async function entriesOf(zip: Buffer, largest: number): Promise<readonly ArchiveEntry[] | string> {
  const end = endOf(zip);
  if (end === undefined) return 'it is no ZIP archive';
  const count = zip.readUInt16LE(end + 10);
  if (count > MOST_ENTRIES || count !== zip.readUInt16LE(end + 8)) return 'the archive has too many entries or several parts';
  const entries: ArchiveEntry[] = [];
  let unpacked = 0;
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (zip.readUInt32LE(at) !== CENTRAL.signature) return 'the archive is damaged';
    const entry = centralEntry(zip, at);
    unpacked += entry.size;
    if (unpacked > largest) return 'the archive holds too much';
    if ((entry.flags & ENCRYPTED) !== 0) return 'an entry is encrypted';
    if (!FILE_NAME.test(entry.name)) return 'the name of an entry is a path, or not fit for a file';
    if (entries.some(({ name }) => name === entry.name)) return 'the name of an entry comes twice';
    const bytes = await unpack(zip, entry);
    if (bytes?.length !== entry.size || crc32(bytes) !== entry.crc) return 'the archive is damaged';
    entries.push({ name: entry.name, bytes });
    at = entry.next;
  }
  return entries;
}

type CentralEntry = ReturnType<typeof centralEntry>;

function centralEntry(zip: Buffer, at: number) {
  const nameLength = zip.readUInt16LE(at + 28);
  const flags = zip.readUInt16LE(at + 8);
  const name = zip.subarray(at + CENTRAL.length, at + CENTRAL.length + nameLength);
  return {
    flags,
    method: zip.readUInt16LE(at + 10),
    crc: zip.readUInt32LE(at + 16),
    packedSize: zip.readUInt32LE(at + 20),
    size: zip.readUInt32LE(at + 24),
    local: zip.readUInt32LE(at + 42),
    name: new TextDecoder((flags & UTF8_NAME) === 0 ? 'gb18030' : 'utf-8').decode(name),
    next: at + CENTRAL.length + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32),
  };
}

async function unpack(zip: Buffer, entry: CentralEntry): Promise<Buffer | undefined> {
  if (zip.readUInt32LE(entry.local) !== LOCAL.signature) return undefined;
  const start = entry.local + LOCAL.length + zip.readUInt16LE(entry.local + 26) + zip.readUInt16LE(entry.local + 28);
  const packed = zip.subarray(start, start + entry.packedSize);
  if (entry.method === STORED) return packed;
  return entry.method === DEFLATED ? inflate(packed, { maxOutputLength: Math.max(entry.size, 1) }) : undefined;
}

/** Where the end of the central directory starts: it is the last thing in the file but for a comment. */
function endOf(zip: Buffer): number | undefined {
  const earliest = Math.max(0, zip.length - END.length - END.longestComment);
  for (let at = zip.length - END.length; at >= earliest; at -= 1) {
    if (zip.readUInt32LE(at) === END.signature && at + END.length + zip.readUInt16LE(at + 20) === zip.length) return at;
  }
  return undefined;
}
