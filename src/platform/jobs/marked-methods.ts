import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';

/** Finds the providers' methods that a decorator has marked. */
@Injectable()
export class MarkedMethods {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  find<Metadata, Method extends (...args: never[]) => unknown>(mark: symbol): { readonly metadata: Metadata; readonly method: Method }[] {
    const found: { metadata: Metadata; method: Method }[] = [];
    for (const { instance } of this.discovery.getProviders() as { instance: Record<string, unknown> | null }[]) {
      if (typeof instance !== 'object' || instance === null) continue;
      for (const key of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object | null)) {
        const method = instance[key];
        if (typeof method !== 'function') continue;
        const metadata = this.reflector.get<Metadata | undefined>(mark, method);
        if (metadata !== undefined) found.push({ metadata, method: method.bind(instance) as Method });
      }
    }
    return found;
  }
}
