/** Some units of one SKU. */
export interface Units {
  readonly sku: string;
  readonly quantity: number;
}
