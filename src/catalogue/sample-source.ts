/** What sample makers draw from: a seeded random source and a small, consistent shop. */
export interface SampleSource {
  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number
  pick<Item>(items: readonly Item[]): Item
  /** A fresh identifier such as `order-4f1c09d2a7b3`. */
  id(prefix: string): string
  /** The event time of the event being made, RFC 3339 in UTC with milliseconds. */
  time(): string
  customer(): Customer
  product(): Product
  warehouse(): Warehouse
}

/** A person who looks around and buys; the same one in orders and in user activity. */
export interface Customer {
  readonly id: string
  readonly address: { readonly street: string; readonly city: string; readonly country: string }
  readonly ipAddress: string
  readonly userAgent: string
  readonly platform: 'web' | 'mobile' | 'tablet'
}

export interface Product {
  readonly id: string
  readonly name: string
  /** In hundredths of the currency unit, so that sums are exact. */
  readonly cents: number
}

export interface Warehouse {
  readonly id: string
}
