//! Whether a server's certificate is good enough.
//!
//! Invariant: the handshake's signature is always verified, even where the certificate is not, because
//! channel binding relies on it. The chain is webpki's to judge; the only two certificates accepted beyond it
//! are ones that OpenSSL, and so libpq, accepts too: a trusted one that the server shows itself, and one that
//! names its host only in its common name.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::{Error, Kind, Result};

/// What is asked of a certificate: nothing where there are no roots.
#[derive(Debug)]
pub(super) struct Demand {
    pub(super) roots: Vec<CertificateDer<'static>>,
    pub(super) revoked: Vec<CertificateRevocationListDer<'static>>,
    pub(super) host_name: bool,
}

impl Demand {
    pub(super) fn nothing() -> Self {
        Self { roots: Vec::new(), revoked: Vec::new(), host_name: false }
    }
}

/// Verifies what was demanded.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// Certificates trusted as they are, while no revocation list could say otherwise.
    trusted: Vec<CertificateDer<'static>>,
    host_name: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerVerifier {
    pub(super) fn new(demand: Demand, provider: &Arc<CryptoProvider>) -> Result<Self> {
        let algorithms = provider.signature_verification_algorithms;
        if demand.roots.is_empty() {
            return Ok(Self { chain: None, trusted: Vec::new(), host_name: false, algorithms });
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(demand.roots.iter().cloned());
        let trusted = if demand.revoked.is_empty() { demand.roots } else { Vec::new() };
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .with_crls(demand.revoked)
            .build()
            .map_err(|cause| {
                Error::new(Kind::Connect, "root certificates or revocation lists could not be used")
                    .caused_by(cause)
            })?;
        Ok(Self { chain: Some(chain), trusted, host_name: demand.host_name, algorithms })
    }

    fn trusts_itself(&self, certificate: &CertificateDer<'_>) -> bool {
        self.trusted.iter().any(|trusted| trusted == certificate)
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let accepted = Ok(ServerCertVerified::assertion());
        let Some(chain) = &self.chain else { return accepted };
        let verdict = chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verdict {
            // webpki judges the name last, so the chain was good.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.host_name || common_name_fits(end_entity, server_name, &verdict) => accepted,
            // webpki refuses an authority's certificate as a server's own ("CaUsedAsEndEntity", which rustls
            // passes on as `Other`) after it has checked the dates; expired ones have another error.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if self.trusts_itself(end_entity) =>
            {
                if self.host_name {
                    name_fits(end_entity, server_name)?;
                }
                accepted
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether the certificate names the host, in its subject alternative names or else its common name.
fn name_fits(certificate: &CertificateDer<'_>, server_name: &ServerName<'_>) -> Result<(), rustls::Error> {
    let parsed = rustls::server::ParsedCertificate::try_from(certificate)?;
    let verdict =
        rustls::client::verify_server_name(&parsed, server_name).map(|()| ServerCertVerified::assertion());
    if verdict.is_ok() || common_name_fits(certificate, server_name, &verdict) {
        return Ok(());
    }
    verdict.map(|_| ())
}

/// The common name counts only where there are no alternative names at all (RFC 6125, and libpq).
fn common_name_fits(
    certificate: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
    verdict: &Result<ServerCertVerified, rustls::Error>,
) -> bool {
    let Err(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
        presented, ..
    })) = verdict
    else {
        return false;
    };
    presented.is_empty()
        && common_name(certificate).is_some_and(|pattern| matches(&pattern, &server_name.to_str()))
}

/// Equal but for case; a `*` stands for exactly one leading label, as in libpq.
fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => host
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain)),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// The last common name of the subject. A [`RootCertStore`] is the one door through which rustls shows a
/// certificate's subject.
fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
    let mut store = RootCertStore::empty();
    store.add(certificate.clone()).ok()?;
    let mut names: &[u8] = &store.roots.first()?.subject;
    let mut found = None;
    while !names.is_empty() {
        let (mut set, rest) = element(names)?;
        names = rest;
        while !set.is_empty() {
            let (attribute, rest) = element(set)?;
            set = rest;
            if let Some(value) = attribute.strip_prefix(COMMON_NAME) {
                found = String::from_utf8(element(value)?.0.to_vec()).ok();
            }
        }
    }
    // A zero byte is an old trick to show different names to different readers.
    found.filter(|name| !name.contains('\0'))
}

/// The contents of the first DER element and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = der.get(1..)?.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        // Longer than any subject, or not DER.
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label() {
        assert!(matches("db.example", "DB.example"));
        assert!(matches("*.example", "db.example"));
        assert!(!matches("*.example", "a.db.example"));
        assert!(!matches("*.example", ".example"));
        assert!(!matches("*.example", "example"));
    }

    #[test]
    fn der_elements_are_read_and_broken_ones_refused() {
        assert_eq!(element(&[0x30, 2, 7, 8, 9]), Some((&[7, 8][..], &[9][..])));
        assert_eq!(element(&[0x30, 0x81, 1, 7]), Some((&[7][..], &[][..])));
        assert_eq!(element(&[0x30, 3, 7]), None);
        assert_eq!(element(&[0x30]), None);
    }
}
