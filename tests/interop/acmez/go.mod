// Pins the acmez library, which the ACME tests drive. Not a part of the product.
module chancery.test/acmez

go 1.25.0

require github.com/mholt/acmez/v3 v3.1.6

require (
	golang.org/x/crypto v0.48.0 // indirect
	golang.org/x/net v0.50.0 // indirect
	golang.org/x/text v0.34.0 // indirect
)
