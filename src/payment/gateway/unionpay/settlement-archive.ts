import { crc32, inflateRawSync, inflateSync } from 'node:zlib';

/** In bytes, of everything that is unpacked: a day of a busy merchant has a few million. */
export const MOST_UNPACKED = 256 * 1024 * 1024;
const MOST_FILES = 256;

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 0xffff;
const ENCRYPTED = 0x1;
/** A name and nothing of a path, so that nobody who writes it to a disk writes it elsewhere. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * What `fileContent` of the answer about a settlement file holds: base64 of what `deflate` (with its zlib header) made of
 * the file. Undefined where it is neither, or unpacks to more than `most` bytes.
 * Source: UnionPay, ACPSample_B2C, `AcpService.deCodeFileContent`.
 */
export function decodeFileContent(fileContent: string, most = MOST_UNPACKED): Buffer | undefined {
  const packed = Buffer.from(fileContent, 'base64');
  if (packed.length === 0 || packed.toString('base64') !== fileContent) return undefined;
  try {
    return inflateSync(packed, { maxOutputLength: most });
  } catch {
    return undefined;
  }
}

/**
 * The files of a ZIP archive by name, or the reason why it cannot be read. Only what such an archive needs: stored or
 * deflated files, no encryption, no ZIP64, no folders, and at most `most` bytes in all.
 * Source: PKWARE, APPNOTE.TXT 6.3.3, 4.3.
 */
export function readArchive(archive: Buffer, most = MOST_UNPACKED): ReadonlyMap<string, Buffer> | string {
  const end = endOfDirectory(archive);
  if (end === undefined) return 'it is no ZIP archive';
  const count = archive.readUInt16LE(end + 10);
  if (count > MOST_FILES) return 'the archive has too many files';
  const files = new Map<string, Buffer>();
  let unpacked = 0;
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry += 1) {
    if (at + ENTRY_LENGTH > end || archive.readUInt32LE(at) !== ENTRY_SIGNATURE) return 'the directory of the archive is damaged';
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('latin1', at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength);
    if (!FILE_NAME.test(name)) return 'a file in the archive has a name that it may not have';
    if (files.has(name)) return 'the archive has a file twice';
    const file = unpack(archive, at, most - unpacked);
    if (typeof file === 'string') return file;
    unpacked += file.length;
    files.set(name, file);
    at += ENTRY_LENGTH + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function endOfDirectory(archive: Buffer): number | undefined {
  const first = Math.max(archive.length - END_LENGTH - LONGEST_COMMENT, 0);
  for (let at = archive.length - END_LENGTH; at >= first; at -= 1) {
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  }
  return undefined;
}

function unpack(archive: Buffer, entry: number, most: number): Buffer | string {
  const packedLength = archive.readUInt32LE(entry + 20);
  const length = archive.readUInt32LE(entry + 24);
  const local = archive.readUInt32LE(entry + 42);
  if ((archive.readUInt16LE(entry + 8) & ENCRYPTED) !== 0) return 'a file in the archive is encrypted';
  if (length > most) return 'the archive unpacks to too much';
  if (local + LOCAL_LENGTH > archive.length || archive.readUInt32LE(local) !== LOCAL_SIGNATURE) return 'a file in the archive is damaged';
  const start = local + LOCAL_LENGTH + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedLength);
  const file = expand(packed, archive.readUInt16LE(entry + 10), length);
  const whole = file?.length === length && crc32(file) === archive.readUInt32LE(entry + 16);
  return file !== undefined && whole ? file : 'a file in the archive is damaged';
}

function expand(packed: Buffer, method: number, length: number): Buffer | undefined {
  if (method === 0) return packed;
  if (method !== 8) return undefined;
  try {
    // Zero would mean that there is no limit.
    return inflateRawSync(packed, { maxOutputLength: Math.max(length, 1) });
  } catch {
    return undefined;
  }
}
