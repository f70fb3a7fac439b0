#pragma once

#include <string>
#include <string_view>

namespace chancery::x509 {

// a_label_form converts a host name with U-labels into what a certificate has to say instead, as in
// "xn--bcher-kva.example" for "bücher.example" (IDNA2008, RFC 5891; non-transitional UTS 46, so
// that capital letters are folded). "" when no such name exists. Pure; bounded by the 253 octets of
// a host name.
[[nodiscard]] std::string a_label_form(std::string_view host);

// a_labels_decode says whether every A-label ("xn--…") of a host name stands for a U-label that
// encodes to the same again (RFC 5891 section 4.2). Names without A-labels pass.
[[nodiscard]] bool a_labels_decode(std::string_view host);

}  // namespace chancery::x509
