//! TLS as libpq's ssl* keywords ask for it, by rustls.
//!
//! Invariant: a connector never verifies less than the `sslmode` says, and like libpq it verifies the chain
//! in every mode once a root certificate file is there. Files are only read where TLS can happen.
//! Deliberately absent: encrypted private keys and keys in engines or tokens; they are refused by name.

mod verify;

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::{ClientConfig, SupportedProtocolVersion, version};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::conninfo::{Conninfo, SslMode, TlsVersions};
use crate::error::{Error, Kind, Result};
use verify::{Demand, ServerVerifier};

/// What makes TLS connections to the hosts of `conninfo`. Its files are read now; a missing or unusable one
/// is a [`Kind::Connect`] error that names it.
pub fn connector(conninfo: &Conninfo) -> Result<MakeRustlsConnect> {
    let provider = Arc::new(ring::default_provider());
    let sslmode = conninfo.choices().sslmode;
    let can_happen =
        sslmode != SslMode::Disable && conninfo.hosts().iter().any(|host| host.socket_directory().is_none());
    let (demand, certificate) = if can_happen {
        (demand(conninfo, sslmode)?, client_certificate(conninfo)?)
    } else {
        (Demand::nothing(), None)
    };
    let verifier = Arc::new(ServerVerifier::new(demand, &provider)?);
    let builder = ClientConfig::builder_with_provider(provider as Arc<CryptoProvider>)
        .with_protocol_versions(&versions(conninfo.choices().tls))
        .map_err(|cause| Error::new(Kind::Internal, "TLS could not be set up").caused_by(cause))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match certificate {
        None => builder.with_no_client_auth(),
        Some((chain, key, path)) => builder.with_client_auth_cert(chain, key).map_err(|cause| {
            unusable(&path, "client certificate and private key could not be used").caused_by(cause)
        })?,
    };
    config.enable_sni = conninfo.choices().server_name_indication;
    // Required for sslnegotiation=direct, and sent by libpq always since 17.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn versions(versions: TlsVersions) -> Vec<&'static SupportedProtocolVersion> {
    match versions {
        TlsVersions::Both => vec![&version::TLS13, &version::TLS12],
        TlsVersions::OnlyTls12 => vec![&version::TLS12],
        TlsVersions::OnlyTls13 => vec![&version::TLS13],
    }
}

/// What the server's certificate has to satisfy.
fn demand(conninfo: &Conninfo, sslmode: SslMode) -> Result<Demand> {
    let named = conninfo.get("sslrootcert").map(PathBuf::from);
    let roots = match named.or_else(|| conninfo.default_file("root.crt")) {
        Some(system) if system.as_os_str() == "system" => system_roots()?,
        Some(path) if path.exists() => certificates(&path)?,
        missing if sslmode >= SslMode::VerifyCa => {
            let path = missing.unwrap_or_else(|| PathBuf::from("~/.postgresql/root.crt"));
            return Err(unusable(&path, "root certificate file does not exist").remedy(
                "put the certificate authority's certificate there, name its file in sslrootcert=…, use \
                 sslrootcert=system for the operating system's authorities, or sslmode=require to connect \
                 without verifying the server",
            ));
        }
        _ => return Ok(Demand::nothing()),
    };
    Ok(Demand { roots, revoked: revocation_lists(conninfo)?, host_name: sslmode == SslMode::VerifyFull })
}

fn system_roots() -> Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(Error::new(Kind::Connect, "no certificate authorities found in the operating system")
            .object("sslrootcert=system")
            .remedy("install the package ca-certificates, or name a file in sslrootcert=…"));
    }
    Ok(found.certs)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(path)?).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(unusable(path, "holds no certificate in PEM format")),
        Err(cause) => Err(unusable(path, "certificates could not be read").caused_by(cause)),
    }
}

/// `sslcrl`, `sslcrldir`, and the default list where neither is named.
fn revocation_lists(conninfo: &Conninfo) -> Result<Vec<CertificateRevocationListDer<'static>>> {
    let mut files: Vec<PathBuf> = conninfo.get("sslcrl").map(PathBuf::from).into_iter().collect();
    if let Some(directory) = conninfo.get("sslcrldir").map(Path::new) {
        let entries = fs::read_dir(directory)
            .map_err(|cause| unusable(directory, "directory could not be read").caused_by(cause))?;
        files.extend(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()));
    } else if files.is_empty() {
        files.extend(conninfo.default_file("root.crl").filter(|path| path.exists()));
    }
    let mut lists = Vec::new();
    for path in files {
        for list in CertificateRevocationListDer::pem_slice_iter(&read(&path)?) {
            lists.push(
                list.map_err(|cause| unusable(&path, "revocation list could not be read").caused_by(cause))?,
            );
        }
    }
    if lists.is_empty() && (conninfo.get("sslcrl").is_some() || conninfo.get("sslcrldir").is_some()) {
        return Err(Error::new(Kind::Connect, "holds no revocation list in PEM format")
            .object(conninfo.get("sslcrl").or(conninfo.get("sslcrldir")).unwrap_or_default()));
    }
    Ok(lists)
}

type ClientCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, PathBuf);

/// The client certificate and its key. As in libpq, a certificate file that is not there is not sent.
fn client_certificate(conninfo: &Conninfo) -> Result<Option<ClientCertificate>> {
    let file =
        |keyword, name| conninfo.get(keyword).map(PathBuf::from).or_else(|| conninfo.default_file(name));
    let Some(path) = file("sslcert", "postgresql.crt").filter(|path| path.exists()) else { return Ok(None) };
    if conninfo.get("sslcertmode") == Some("disable") {
        return Ok(None);
    }
    let chain = certificates(&path)?;
    let Some(key_path) = file("sslkey", "postgresql.key") else { return Ok(None) };
    check_permissions(&key_path, &path)?;
    let text = read(&key_path)?;
    if String::from_utf8_lossy(&text).contains("ENCRYPTED") {
        return Err(unusable(&key_path, "private key is encrypted, which is not supported").remedy(format!(
            "decrypt it into a file that only you can read: (umask 077; openssl pkey -in {} -out decrypted.key), \
             and name that in sslkey=…",
            key_path.display()
        )));
    }
    let key = PrivateKeyDer::from_pem_slice(&text)
        .map_err(|cause| unusable(&key_path, "private key could not be read").caused_by(cause))?;
    Ok(Some((chain, key, path)))
}

/// libpq's rule: nobody else may read the key, or it belongs to root and its group may.
fn check_permissions(key: &Path, certificate: &Path) -> Result<()> {
    let metadata = fs::metadata(key).map_err(|cause| {
        unusable(key, "private key of the client certificate could not be read")
            .remedy(format!("name the key of {} in sslkey=…", certificate.display()))
            .caused_by(cause)
    })?;
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.permissions().mode() & forbidden != 0 {
        return Err(unusable(key, "private key may be read by group or others")
            .remedy(format!("chmod 0600 {}", key.display())));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|cause: io::Error| unusable(path, "could not be read").caused_by(cause))
}

fn unusable(path: &Path, message: &str) -> Error {
    Error::new(Kind::Connect, message).object(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::conninfo::Environment;

    fn refusal(text: &str) -> String {
        let conninfo = Conninfo::resolve(text, &Environment::of_user("me").home("/nowhere")).unwrap();
        connector(&conninfo).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn verifying_without_roots_names_the_file_that_is_missing() {
        assert_eq!(
            refusal("host=h sslmode=verify-full"),
            "/nowhere/.postgresql/root.crt: root certificate file does not exist"
        );
        assert_eq!(
            refusal("host=h sslmode=verify-ca sslrootcert=/no/ca.crt"),
            "/no/ca.crt: root certificate file does not exist"
        );
    }

    #[test]
    fn files_are_not_looked_at_where_tls_cannot_happen() {
        for text in ["host=/tmp sslmode=verify-full", "host=h sslmode=disable sslrootcert=/etc/hostname"] {
            let conninfo = Conninfo::resolve(text, &Environment::of_user("me")).unwrap();
            assert!(connector(&conninfo).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_encrypted_or_open_key_is_refused_with_a_remedy() {
        let directory = tempfile::tempdir().unwrap();
        let (cert, key) = (directory.path().join("c.crt"), directory.path().join("c.key"));
        fs::write(&cert, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n").unwrap();
        fs::write(&key, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n")
            .unwrap();
        let text = format!("host=h sslcert={} sslkey={}", cert.display(), key.display());
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(refusal(&text).contains("may be read by group or others"));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(refusal(&text).contains("private key is encrypted"));
    }
}
