// Command revocation reads CRLs by crypto/x509 and asks an OCSP responder by golang.org/x/crypto/ocsp
// about one certificate, and prints one JSON object with what they say. Not a part of the product.
package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

const mostBytes = 1 << 26

type list struct {
	Number  string         `json:"number"`
	Entries map[string]int `json:"entries"` // reason by serial number, in hexadecimal
	Delta   bool           `json:"delta"`
	Current bool           `json:"current"`
}

type answer struct {
	Status   string `json:"status"`
	Reason   int    `json:"reason"`
	Delegate bool   `json:"delegate"`
	Current  bool   `json:"current"`
}

type told struct {
	Lists   []list   `json:"lists"`
	Answers []answer `json:"answers"`
}

func certificate(file string) (*x509.Certificate, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New(file + ": no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

func body(response *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, mostBytes))
}

func now(from, until time.Time) bool {
	return !time.Now().Before(from) && time.Now().Before(until)
}

func readList(at string, issuer *x509.Certificate) (list, error) {
	der, err := body(http.Get(at))
	if err != nil {
		return list{}, err
	}
	parsed, err := x509.ParseRevocationList(der)
	if err != nil {
		return list{}, err
	}
	if err := parsed.CheckSignatureFrom(issuer); err != nil {
		return list{}, err
	}
	result := list{Number: parsed.Number.String(), Entries: map[string]int{}}
	for _, entry := range parsed.RevokedCertificateEntries {
		result.Entries[fmt.Sprintf("%x", entry.SerialNumber)] = entry.ReasonCode
	}
	for _, extension := range parsed.Extensions {
		result.Delta = result.Delta || extension.Id.String() == "2.5.29.27"
	}
	result.Current = now(parsed.ThisUpdate, parsed.NextUpdate)
	return result, nil
}

func ask(responder string, get bool, hash crypto.Hash, leaf, issuer *x509.Certificate) (answer, error) {
	request, err := ocsp.CreateRequest(leaf, issuer, &ocsp.RequestOptions{Hash: hash})
	if err != nil {
		return answer{}, err
	}
	var der []byte
	if get {
		text := url.PathEscape(base64.StdEncoding.EncodeToString(request))
		der, err = body(http.Get(strings.TrimSuffix(responder, "/") + "/" + text))
	} else {
		der, err = body(http.Post(responder, "application/ocsp-request", bytes.NewReader(request)))
	}
	if err != nil {
		return answer{}, err
	}
	response, err := ocsp.ParseResponseForCert(der, leaf, issuer)
	if err != nil {
		return answer{}, err
	}
	names := map[int]string{ocsp.Good: "good", ocsp.Revoked: "revoked", ocsp.Unknown: "unknown"}
	return answer{names[response.Status], response.RevocationReason, response.Certificate != nil,
		now(response.ThisUpdate, response.NextUpdate)}, nil
}

func run() (told, error) {
	var result told
	issuerFile := flag.String("issuer", "", "the issuer's certificate")
	leafFile := flag.String("cert", "", "the certificate to ask about")
	responder := flag.String("ocsp", "", "URL of the responder; none is asked without it")
	flag.Parse()
	issuer, err := certificate(*issuerFile)
	if err != nil {
		return result, err
	}
	for _, at := range flag.Args() {
		read, err := readList(at, issuer)
		if err != nil {
			return result, fmt.Errorf("%s: %w", at, err)
		}
		result.Lists = append(result.Lists, read)
	}
	if *responder == "" {
		return result, nil
	}
	leaf, err := certificate(*leafFile)
	if err != nil {
		return result, err
	}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		for _, get := range []bool{false, true} {
			answered, err := ask(*responder, get, hash, leaf, issuer)
			if err != nil {
				return result, fmt.Errorf("OCSP, %v, GET %v: %w", hash, get, err)
			}
			result.Answers = append(result.Answers, answered)
		}
	}
	return result, nil
}

func main() {
	result, err := run()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
