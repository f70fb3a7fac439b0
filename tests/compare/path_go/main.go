// Judges the cases of path_cases with crypto/x509.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const judgedTime = 1780272000

func parse(word string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(word)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// reason names the kind of an error, without what differs from case to case.
func reason(err error) string {
	var invalid x509.CertificateInvalidError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var critical x509.UnhandledCriticalExtension
	var constraint x509.ConstraintViolationError
	switch {
	case errors.As(err, &invalid):
		return fmt.Sprintf("invalid:%d", invalid.Reason)
	case errors.As(err, &host):
		return "host"
	case errors.As(err, &critical):
		return "critical"
	case errors.As(err, &constraint):
		return "constraint"
	case errors.As(err, &authority):
		return "authority"
	}
	return err.Error()
}

func judge(words []string) (bool, string) {
	target, err := parse(words[6])
	if err != nil {
		return false, "parse:" + err.Error()
	}
	anchors, _ := strconv.Atoi(words[4])
	options := x509.VerifyOptions{
		DNSName:       words[2],
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   time.Unix(judgedTime, 0),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if words[3] != "-" {
		policy, err := x509.ParseOID(words[3])
		if err != nil {
			return false, err.Error()
		}
		options.CertificatePolicies = []x509.OID{policy}
	}
	unparsed := ""
	for i, word := range words[7:] {
		one, err := parse(word)
		if err != nil {
			unparsed = "parse:" + err.Error()
		} else if i < anchors {
			options.Roots.AddCert(one)
		} else {
			options.Intermediates.AddCert(one)
		}
	}
	if _, err := target.Verify(options); err != nil {
		if unparsed != "" {
			return false, unparsed
		}
		return false, reason(err)
	}
	return true, "-"
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		words := strings.Fields(in.Text())
		valid, why := judge(words)
		verdict := "invalid"
		if valid {
			verdict = "valid"
		}
		fmt.Fprintln(out, words[0], verdict, strings.ReplaceAll(why, " ", "_"))
	}
}
