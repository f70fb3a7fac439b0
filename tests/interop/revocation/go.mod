// Pins what reads CRLs and OCSP answers as programs in Go do. Not a part of the product.
module chancery.test/revocation

go 1.25.0

require golang.org/x/crypto v0.48.0
