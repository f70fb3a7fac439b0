#include "protocols/admin/openapi.h"

namespace chancery::admin {

// Written by hand; admin_test.cc holds it against what the handlers answer.
std::string_view openapi_components() {
  return R"json({
"securitySchemes":{"token":{"type":"http","scheme":"bearer"}},
"parameters":{
 "after":{"name":"after","in":"query","description":"the last name of the page before","schema":{"type":"string"}},
 "limit":{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":1000,"default":100}},
 "backup_after":{"name":"after","in":"query","description":"log rows below this index are there already; with store_id","schema":{"type":"integer","minimum":0,"default":0}},
 "store_id":{"name":"store_id","in":"query","description":"the store that those rows are of","schema":{"type":"string"}},
 "dry_run":{"name":"dry_run","in":"query","description":"say what would be stored, and store nothing","schema":{"type":"boolean","default":false}},
 "if_match":{"name":"If-Match","in":"header","description":"only at this version, as ETag gave it","schema":{"type":"string"}},
 "if_none_match":{"name":"If-None-Match","in":"header","description":"*: only if there is none","schema":{"type":"string"}},
 "before":{"name":"before","in":"query","description":"\"next\" of the page before","schema":{"type":"integer","minimum":0}},
 "name":{"name":"name","in":"query","description":"a whole name: DNS in lower case, e-mail, URI, IP, or the common name","schema":{"type":"string"}},
 "name_suffix":{"name":"name_suffix","in":"query","description":"such as \".example.com\"","schema":{"type":"string"}},
 "serial":{"name":"serial","in":"query","description":"hexadecimal, with or without colons","schema":{"type":"string"}},
 "fingerprint":{"name":"fingerprint","in":"query","description":"SHA-256 of the certificate, hexadecimal","schema":{"type":"string"}},
 "issuer":{"name":"issuer","in":"query","description":"\"default\", name or id of an authority","schema":{"type":"string"}},
 "not_after_from":{"name":"not_after_from","in":"query","description":"inclusive","schema":{"type":"string","format":"date-time"}},
 "not_after_to":{"name":"not_after_to","in":"query","description":"exclusive","schema":{"type":"string","format":"date-time"}}
},
"schemas":{
 "Problem":{"type":"object","description":"RFC 9457","required":["type","title","status","detail","code","request_id"],"properties":{
  "type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
  "code":{"type":"string","description":"stable name of the kind of error"},
  "field":{"type":"string","description":"the field of the request that was at fault"},
  "rule":{"type":"string","description":"the rule that refused it"},
  "hint":{"type":"string","description":"what to do instead, where that is known"},
  "request_id":{"type":"string"}}},
 "Status":{"type":"object","required":["version","started","now","uptime_seconds","store","authorities"],"properties":{
  "version":{"type":"string"},"started":{"type":"string","format":"date-time"},"now":{"type":"string","format":"date-time"},
  "uptime_seconds":{"type":"integer"},
  "store":{"type":"object","required":["state","events","index_lag"],"properties":{
   "state":{"enum":["ok","full","out_of_service"]},"reason":{"type":"string"},
   "events":{"type":"integer","description":"rows of the log"},"index_lag":{"type":"integer","description":"rows not indexed on disk yet"}}},
  "authorities":{"type":"array","items":{"type":"object","required":["id","name","is_default","has_key","not_after"],"properties":{
   "id":{"type":"string"},"name":{"type":"string"},"is_default":{"type":"boolean"},"has_key":{"type":"boolean"},
   "not_after":{"type":"string","format":"date-time"}}}}}},
 "Reload":{"type":"object","required":["changed"],"properties":{
  "changed":{"type":"array","description":"the configuration keys that have other values now","items":{"type":"string"}}}},
 "Authority":{"type":"object","required":["id","name","is_default","has_key","key_type","subject","issuer","serial_number","fingerprint_sha256","not_before","not_after","chain","urls","crl_validity_seconds","ocsp_validity_seconds"],"properties":{
  "id":{"type":"string"},"name":{"type":"string"},"is_default":{"type":"boolean"},
  "has_key":{"type":"boolean","description":"false: its key is kept elsewhere (an offline root)"},
  "key_type":{"type":"string"},"subject":{"type":"string"},"issuer":{"type":"string"},"serial_number":{"type":"string"},
  "fingerprint_sha256":{"type":"string"},"not_before":{"type":"string","format":"date-time"},"not_after":{"type":"string","format":"date-time"},
  "chain":{"type":"array","description":"PEM: the authority's own certificate, then those above it","items":{"type":"string"}},
  "urls":{"type":"object","required":["issuing_certificates","crl_distribution_points","ocsp_servers"],"properties":{
   "issuing_certificates":{"type":"array","items":{"type":"string"}},
   "crl_distribution_points":{"type":"array","items":{"type":"string"}},
   "ocsp_servers":{"type":"array","items":{"type":"string"}}}},
  "crl_validity_seconds":{"type":"integer"},"ocsp_validity_seconds":{"type":"integer"}}},
 "AuthorityList":{"type":"object","required":["authorities"],"properties":{"authorities":{"type":"array","items":{"$ref":"#/components/schemas/Authority"}}}},
 "MountRequest":{"type":"object","additionalProperties":false,"required":["path"],"properties":{
  "path":{"type":"string"},"type":{"enum":["pki","approle","userpass","cert"],"description":"of a new one"},
  "description":{"type":"string"},"default_lease_ttl":{"type":["integer","string"]},"max_lease_ttl":{"type":["integer","string"]}}},
 "Mount":{"type":"object","required":["path","type","accessor","description","default_lease_ttl","max_lease_ttl"],"properties":{
  "path":{"type":"string"},"type":{"type":"string"},"accessor":{"type":"string"},"description":{"type":"string"},
  "default_lease_ttl":{"type":"integer","description":"seconds"},"max_lease_ttl":{"type":"integer"}}},
 "MountList":{"type":"object","required":["mounts"],"properties":{"mounts":{"type":"array","items":{"$ref":"#/components/schemas/Mount"}}}},
 "Empty":{"type":"object","additionalProperties":false},
 "DefaultAuthority":{"type":"object","required":["id","has_key"],"properties":{"id":{"type":"string"},"has_key":{"type":"boolean"}}},
 "RootRequest":{"type":"object","additionalProperties":false,"required":["common_name"],"properties":{
  "common_name":{"type":"string"},"name":{"type":"string","description":"of the authority, unique in the mount"},
  "organization":{"type":"array","items":{"type":"string"}},"country":{"type":"array","items":{"type":"string"}},
  "key_type":{"enum":["rsa","ec","ed25519","mldsa"],"default":"ec"},"key_bits":{"type":"integer"},
  "ttl":{"type":["integer","string"]},"max_path_length":{"type":"integer","description":"-1: no limit"}}},
 "Key":{"type":"object","required":["id","name","key_type","is_default","created"],"properties":{
  "id":{"type":"string"},"name":{"type":"string"},"key_type":{"type":"string"},"is_default":{"type":"boolean"},
  "created":{"type":"string","format":"date-time"}}},
 "KeyList":{"type":"object","required":["keys"],"properties":{"keys":{"type":"array","items":{"$ref":"#/components/schemas/Key"}}}},
 "RoleList":{"type":"object","required":["roles","next"],"properties":{
  "roles":{"type":"array","items":{"type":"string"}},"next":{"type":["string","null"],"description":"\"after\" of the next page"}}},
 "RoleFields":{"type":"object","description":"The fields of a Vault PKI role (docs/protocols/vault.md)","additionalProperties":true},
 "Role":{"type":"object","required":["name","version"],"properties":{"name":{"type":"string"},"version":{"type":"integer"},"warnings":{"type":"array","items":{"type":"string"}}},"additionalProperties":true},
 "ProfileList":{"type":"object","required":["profiles","next"],"properties":{
  "profiles":{"type":"array","items":{"type":"object","required":["name","shipped"],"properties":{"name":{"type":"string"},"shipped":{"type":"boolean","description":"part of the program: to be extended, not changed"}}}},
  "next":{"type":["string","null"],"description":"\"after\" of the next page"}}},
 "ProfileFields":{"type":"object","description":"The fields of a profile (docs/operations/profiles.md)","additionalProperties":true},
 "Profile":{"type":"object","required":["name","extends","keys","shipped","version"],"properties":{
  "name":{"type":"string"},"extends":{"type":"string"},"keys":{"type":"array","items":{"type":"string"}},
  "shipped":{"type":"boolean"},"version":{"type":"integer","description":"0 for shipped ones"},
  "warnings":{"type":"array","items":{"type":"string"}}},"additionalProperties":true},
 "CertificateRequest":{"type":"object","additionalProperties":false,"oneOf":[{"required":["role"]},{"required":["profile"]}],"properties":{
  "role":{"type":"string"},"profile":{"type":"string"},
  "csr":{"type":"string","description":"a certificate request in PEM; else the server makes the key"},
  "server_key":{"type":"boolean","description":"have the key made by the server, of the role's type"},
  "key_type":{"enum":["rsa","ec","ed25519","mldsa"],"description":"have the key made by the server; counts under roles of type \"any\""},
  "key_bits":{"type":"integer"},
  "common_name":{"type":"string"},
  "names":{"type":"array","description":"subject alternative names: DNS, e-mail, IP addresses, URIs","items":{"type":"string"}},
  "ttl":{"type":["integer","string"],"description":"seconds, or \"1h30m\", \"7d\""},
  "not_before":{"type":"string","format":"date-time"},"not_after":{"type":"string","format":"date-time"},
  "exclude_cn_from_sans":{"type":"boolean"}}},
 "Explanation":{"type":"object","required":["allowed","issuer_id","findings","warnings"],"properties":{
  "allowed":{"type":"boolean"},"issuer_id":{"type":"string"},
  "findings":{"type":"array","description":"every rule in the order in which it is asked","items":{"type":"object","required":["rule","field","verdict"],"properties":{
   "rule":{"type":"string"},"field":{"type":"string"},"verdict":{"enum":["allows","refuses","not_reached"]},
   "detail":{"type":"string","description":"what a client would be told"}}}},
  "subject":{"type":"string","description":"this and what follows: of the certificate, where it is allowed"},
  "names":{"type":"array","items":{"type":"string"}},
  "not_before":{"type":"string","format":"date-time"},"not_after":{"type":"string","format":"date-time"},
  "warnings":{"type":"array","items":{"type":"string"}}}},
 "IssuedCertificate":{"type":"object","required":["serial_number","fingerprint_sha256","issuer_id","not_before","not_after","certificate","chain","warnings"],"properties":{
  "serial_number":{"type":"string"},"fingerprint_sha256":{"type":"string"},"issuer_id":{"type":"string"},
  "not_before":{"type":"string","format":"date-time"},"not_after":{"type":"string","format":"date-time"},
  "certificate":{"type":"string","description":"PEM"},"chain":{"type":"array","description":"PEM, the issuer first","items":{"type":"string"}},
  "key_type":{"type":"string"},"private_key":{"type":"string","description":"PKCS#8 in PEM; only where the server made it, and only here"},
  "warnings":{"type":"array","items":{"type":"string"}}}},
 "CertificateSummary":{"type":"object","required":["serial_number","fingerprint_sha256","issuer_id","role","subject","common_name","names","key_type","not_before","not_after","status","revocation","log_index"],"properties":{
  "serial_number":{"type":"string"},"fingerprint_sha256":{"type":"string"},"issuer_id":{"type":"string"},"role":{"type":"string"},
  "subject":{"type":"string","description":"RFC 4514"},"common_name":{"type":"string"},"names":{"type":"array","items":{"type":"string"}},
  "key_type":{"type":"string"},"not_before":{"type":"string","format":"date-time"},"not_after":{"type":"string","format":"date-time"},
  "status":{"enum":["valid","expired","revoked"]},
  "revocation":{"oneOf":[{"type":"null"},{"$ref":"#/components/schemas/RevocationState"}]},
  "log_index":{"type":"integer"}}},
 "Certificate":{"allOf":[{"$ref":"#/components/schemas/CertificateSummary"},{"type":"object","required":["certificate"],"properties":{
  "certificate":{"type":["string","null"],"description":"PEM; null where the role kept none"}}}]},
 "CertificateList":{"type":"object","required":["certificates","next"],"properties":{
  "certificates":{"type":"array","items":{"$ref":"#/components/schemas/CertificateSummary"}},
  "next":{"type":["integer","null"],"description":"\"before\" of the next page"}}},
 "Restore":{"type":"object","required":["state"],"properties":{
  "state":{"enum":["none","unconfirmed","confirmed"],"description":"unconfirmed: certificates and CRLs are not signed"},
  "lost_store_id":{"type":"string"},"backup_time":{"type":"string","format":"date-time"},
  "log_rows":{"type":"integer","description":"events that came from the backup"},
  "restored_at":{"type":"string","format":"date-time"},
  "confirmed_at":{"type":"string","format":"date-time"},"confirmed_by":{"type":"string"}}},
 "RestoreConfirmation":{"type":"object","required":["old_node_is_gone"],"additionalProperties":false,"properties":{
  "old_node_is_gone":{"const":true}}},
 "BlockKeyRequest":{"type":"object","required":["reason"],"additionalProperties":false,"description":"exactly one of spki_sha256, certificate and csr","properties":{
  "spki_sha256":{"type":"string","description":"SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits"},
  "certificate":{"type":"string","description":"PEM; of a chain the first counts"},"csr":{"type":"string","description":"PEM"},
  "reason":{"type":"string","maxLength":500}}},
 "BlockedKey":{"type":"object","required":["spki_sha256","reason","blocked_at","blocked_by"],"properties":{
  "spki_sha256":{"type":"string"},"reason":{"type":"string"},"blocked_at":{"type":"string","format":"date-time"},
  "blocked_by":{"type":"string"},"already_blocked":{"type":"boolean"}}},
 "BlockedKeyList":{"type":"object","required":["blocked_keys","next"],"properties":{
  "blocked_keys":{"type":"array","items":{"$ref":"#/components/schemas/BlockedKey"}},
  "next":{"type":["string","null"],"description":"\"after\" of the next page"}}},
 "CrlSettings":{"type":"object","required":[],"additionalProperties":false,"description":"durations as text: 72h, 3d, 15m","properties":{
  "allow_expired_cert_revocation":{"type":"boolean","default":false},
  "auto_rebuild":{"type":"boolean","default":false,"description":"complete CRLs by the clock, not on revocation"},
  "auto_rebuild_grace_period":{"type":"string","default":"12h"},"delta_rebuild_interval":{"type":"string","default":"15m"},
  "disable":{"type":"boolean","default":false,"description":"CRLs without entries"},"enable_delta":{"type":"boolean","default":false},
  "expiry":{"type":"string","default":"72h"},"ocsp_disable":{"type":"boolean","default":false},
  "ocsp_expiry":{"type":"string","default":"12h"}}},
 "CrlRotation":{"type":"object","additionalProperties":false,"properties":{"delta":{"type":"boolean","default":false}}},
 "CrlList":{"type":"object","required":["crls"],"properties":{"crls":{"type":"array","items":{"type":"object",
  "required":["authority","number","this_update","next_update"],"properties":{"authority":{"type":"string"},"number":{"type":"integer"},
  "this_update":{"type":"string","format":"date-time"},"next_update":{"type":"string","format":"date-time"}}}}}},
 "RevocationRequest":{"type":"object","additionalProperties":false,"properties":{
  "reason":{"enum":["unspecified","keyCompromise","cACompromise","affiliationChanged","superseded","cessationOfOperation","certificateHold","privilegeWithdrawn","aACompromise"],"default":"unspecified"}}},
 "RevocationState":{"type":"object","required":["revoked_at","reason"],"properties":{
  "revoked_at":{"type":"string","format":"date-time"},"reason":{"type":"string"}}},
 "Revocation":{"type":"object","required":["serial_number","already_revoked","revocation"],"properties":{
  "serial_number":{"type":"string"},"already_revoked":{"type":"boolean"},"revocation":{"$ref":"#/components/schemas/RevocationState"}}}
}})json";
}

}  // namespace chancery::admin
