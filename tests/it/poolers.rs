//! Endpoints that are not one server: a pooler in transaction mode, a load balancer, a server that takes no writes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::command::Fdwcopy;
use crate::pair::{Database, Pair, Session};
use crate::servers::Server;

const TABLE: &str = "create table t (x integer); insert into t values (1)";

/// One message of the protocol with its type; none at the end of the connection.
fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 5];
    from.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let mut whole = head.to_vec();
    whole.resize(1 + length, 0);
    from.read_exact(&mut whole[5..]).ok()?;
    Some(whole)
}

/// A pooler in transaction mode with a pool of one: whoever has a transaction has the server.
struct Pooler {
    server: TcpStream,
    /// What the server said to the first client once it had let it in.
    greeting: Vec<u8>,
}

impl Pooler {
    fn before(server: &Server) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let far = (server.host.clone(), server.port);
        std::thread::spawn(move || {
            let mut pooler: Option<Arc<Mutex<Pooler>>> = None;
            for mut client in listener.incoming().flatten() {
                let Some(startup) = startup(&mut client) else { continue };
                if let Some(pooler) = &pooler {
                    client.write_all(&pooler.lock().unwrap().greeting).unwrap();
                } else {
                    let server = TcpStream::connect((far.0.as_str(), far.1)).unwrap();
                    pooler = Some(Arc::new(Mutex::new(Pooler::let_in(server, &mut client, &startup))));
                }
                let pooler = Arc::clone(pooler.as_ref().unwrap());
                std::thread::spawn(move || serve(&pooler, client));
            }
        });
        port
    }

    /// Hands the first client's way in on, and remembers the end of it.
    fn let_in(mut server: TcpStream, client: &mut TcpStream, startup: &[u8]) -> Self {
        server.write_all(startup).unwrap();
        let mut greeting = Vec::new();
        loop {
            let said = message(&mut server).unwrap();
            client.write_all(&said).unwrap();
            let is_let_in = said[0] == b'R' && said[5..9] == [0; 4];
            if is_let_in || !greeting.is_empty() {
                greeting.extend(&said);
            } else if said[0] == b'R' && said[8] != 12 {
                // Neither the end of the exchange (12) nor the permission (0): the client has to answer.
                server.write_all(&message(client).unwrap()).unwrap();
            }
            if said[0] == b'Z' {
                return Self { server, greeting };
            }
        }
    }
}

/// The startup packet, after a refusal of TLS if that was asked for.
fn startup(client: &mut TcpStream) -> Option<Vec<u8>> {
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length).ok()?;
        let mut packet = length.to_vec();
        packet.resize(u32::from_be_bytes(length) as usize, 0);
        client.read_exact(&mut packet[4..]).ok()?;
        if packet.len() > 8 {
            return Some(packet);
        }
        client.write_all(b"N").ok()?;
    }
}

fn serve(pooler: &Mutex<Pooler>, mut client: TcpStream) {
    let mut asked = message(&mut client);
    while let Some(first) = asked.take() {
        let mut pooler = pooler.lock().unwrap();
        let mut next = Some(first);
        // Until the end of the transaction.
        while let Some(one) = next.take() {
            if one[0] == b'X' {
                return;
            }
            pooler.server.write_all(&one).unwrap();
            let mut idle = false;
            while matches!(one[0], b'S' | b'Q') && !idle {
                let Some(said) = message(&mut pooler.server) else { return };
                let _ = client.write_all(&said);
                if said[0] == b'Z' {
                    idle = said[5] == b'I';
                    break;
                }
            }
            if !idle {
                next = message(&mut client);
            }
        }
        drop(pooler);
        asked = message(&mut client);
    }
}

fn at(database: &Database, port: u16) -> String {
    let server = Server { host: "127.0.0.1".into(), port, ..database.server.clone() };
    format!("{}?sslmode=disable", database.at(&server).login_url())
}

#[test]
fn a_pooler_in_transaction_mode_is_recognised_on_either_side() {
    let pair = Pair::filled("it_pooler", TABLE);
    let source = at(&pair.source, Pooler::before(&pair.source.server));
    let run = Fdwcopy::between(&pair).source(&source).args(&["clone", "--json"]).run().exits(4);
    assert_eq!(run.findings()[0].0, "pooler", "{}", run.stdout);
    let target = at(&pair.target, Pooler::before(&pair.target.server));
    let run = Fdwcopy::between(&pair).target(&target).args(&["check"]).run().exits(4);
    for words in ["transaction mode", "-pooler", "[pooler]"] {
        assert!(run.stdout.contains(words), "no {words} in {}", run.stdout);
    }
    assert!(!pair.target.exists("t"));
}

/// A port behind which connections reach both servers in turn.
fn balancer(servers: [&Server; 2]) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let far = servers.map(|server| (server.host.clone(), server.port));
    std::thread::spawn(move || {
        for (number, mut near) in listener.incoming().flatten().enumerate() {
            let far = &far[number % 2];
            let mut far = TcpStream::connect((far.0.as_str(), far.1)).unwrap();
            let (mut back, mut forth) = (far.try_clone().unwrap(), near.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut near, &mut far));
            std::thread::spawn(move || std::io::copy(&mut back, &mut forth));
        }
    });
    port
}

#[test]
fn an_endpoint_that_leads_to_several_servers_is_recognised() {
    let mut pair = Pair::filled("it_balanced", TABLE);
    pair.role("it_balanced_role", "superuser login password 'balanced-pw'");
    let other = Session::open(&pair.target.server.url("postgres"));
    other.sql("drop database if exists it_balanced_src with (force)");
    other.sql("create database it_balanced_src template template0");
    let port = balancer([&pair.source.server, &pair.target.server]);
    let source =
        format!("postgres://it_balanced_role:balanced-pw@127.0.0.1:{port}/it_balanced_src?sslmode=disable");
    let run = Fdwcopy::between(&pair).source(&source).args(&["check", "--json"]).run().exits(4);
    assert_eq!(run.findings()[0].0, "several-servers", "{}", run.stdout);
    other.sql("drop database it_balanced_src with (force)");
}
