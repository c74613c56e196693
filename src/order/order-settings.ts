/** What the owner of the shop may choose about orders. */
export class OrderSettings {
  constructor(
    /** Days after the last parcel until an order counts as received. */
    readonly autoCompleteAfterDays: number,
  ) {}
}
