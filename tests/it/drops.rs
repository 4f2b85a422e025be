//! The DROP of every entry of an archive, against what `pg_restore` prints for that entry alone.

use std::collections::BTreeMap;
use std::process::Command;

use fdwcopy::archive::{Archive, DropStatement, DumpRequest, Tools};
use fdwcopy::stop::Stop;
use tokio::runtime::Runtime;

use crate::command::clone;
use crate::equality::{assert_unchanged, fingerprint};
use crate::pair::Pair;
use crate::servers::programs;

fn read(pair: &Pair) -> (Archive, Vec<DropStatement>) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let tools = Tools::find(Some(&programs().unwrap())).await.unwrap();
        let request = DumpRequest { conninfo: pair.source.url(), ..DumpRequest::default() };
        let archive = tools.dump(&request, &Stop::never()).await.unwrap();
        let drops = archive.drops(&Stop::never()).await.unwrap();
        (archive, drops)
    })
}

/// What `pg_restore --clean` prints before the entries themselves, for these ids in this order.
struct Truth(tempfile::TempDir);

impl Truth {
    fn of(pair: &Pair) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut dump = Command::new(programs().unwrap().join("pg_dump"));
        dump.args(["--format=custom", "--schema-only", "--no-subscriptions"]).arg(pair.source.url());
        assert!(dump.arg("--file").arg(dir.path().join("archive")).status().unwrap().success());
        Self(dir)
    }

    fn restore(&self, args: &[&str]) -> String {
        let mut restore = Command::new(programs().unwrap().join("pg_restore"));
        let output = restore.args(args).arg(self.0.path().join("archive")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn ids(&self) -> Vec<String> {
        let list = self.restore(&["--list"]);
        let entries = list.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        entries.map(|line| line.split_once(';').unwrap().0.to_owned()).collect()
    }

    fn clean(&self, ids: &[String]) -> String {
        let list = self.0.path().join("list");
        std::fs::write(&list, ids.join(";\n") + ";\n").unwrap();
        let list = format!("--use-list={}", list.display());
        self.restore(&["--file=-", "--clean", "--if-exists", &list])
    }
}

#[test]
fn every_drop_is_what_pg_restore_prints_for_its_entry() {
    let pair = Pair::new("it_drops");
    pair.source.load("drops.sql");
    let (archive, drops) = read(&pair);
    let truth = Truth::of(&pair);
    let ids = truth.ids();
    let by_entry: BTreeMap<String, &str> =
        drops.iter().map(|drop| (drop.entry.to_string(), drop.sql.as_str())).collect();
    assert_eq!(by_entry.len(), drops.len(), "an entry has two");
    let kinds: BTreeMap<String, &str> = archive
        .pre_data()
        .iter()
        .chain(archive.post_data())
        .map(|entry| (entry.id.to_string(), entry.kind.as_str()))
        .collect();
    for id in &ids {
        let text = truth.clean(std::slice::from_ref(id));
        // From the last setting to the first header.
        let printed = text.split_once("SET row_security = off;\n").unwrap().1;
        if let Some(drop) = by_entry.get(id) {
            assert!(printed.trim_start().starts_with(drop), "{id}: {drop}\nbut\n{printed}");
        } else {
            let begins = printed.trim_start();
            let is_left_to_its_table = kinds[id] == "CONSTRAINT" && begins.starts_with("ALTER TABLE");
            assert!(
                begins.starts_with("--") || begins.starts_with("SET ") || is_left_to_its_table,
                "{id}: {begins}"
            );
        }
    }
    let all = truth.clean(&ids);
    let mut rest = all.as_str();
    for drop in &drops {
        rest = rest.split_once(drop.sql.as_str()).unwrap_or_else(|| panic!("not in order: {}", drop.sql)).1;
    }
}

#[test]
fn the_drops_in_their_order_take_a_whole_clone_back() {
    let pair = Pair::new("it_drops_all");
    pair.source.load("drops.sql");
    // No DROP gives the schema its rights back; a source up to 14 brings these.
    pair.target.sql("alter schema public owner to postgres; grant all on schema public to public");
    let before = fingerprint(&pair.target);
    let (_, drops) = read(&pair);
    clone(&pair, &[]).exits(0);
    let session = pair.target.session();
    for drop in &drops {
        session.sql(drop.sql.as_str());
    }
    assert_unchanged(&pair.target, &before);
    // Whoever is not sure what was made may run all of them but the two that know no IF EXISTS.
    let is_sure = |drop: &&DropStatement| {
        let text = drop.sql.as_str();
        !text.starts_with("CREATE OR REPLACE VIEW") && !text.starts_with("ALTER DOMAIN")
    };
    for drop in drops.iter().filter(is_sure) {
        session.sql(drop.sql.as_str());
    }
}
