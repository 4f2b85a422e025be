//! Tables that foreign keys tie together: who goes before whom, who is emptied how, and whose triggers are held off.
//!
//! Invariant: no row of a table that was not chosen is ever deleted or changed: where emptying a table could do that, its
//! triggers are held off and its keys are checked afterwards, or the copy is refused.
//! Deliberately absent: columns.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Extent, Forced, Group, TableCopy, Way};
use crate::catalog::Oid;
use crate::catalog::tables::{Fires, Key, Link, Rights, Trigger};
use crate::pg::ident::QualifiedName;
use crate::report::Finding;

/// A table with what ties it.
#[derive(Debug, Clone)]
pub(super) struct Tied {
    pub(super) copy: TableCopy,
    /// The topmost partitioned table of the target above it, or itself.
    pub(super) root: Oid,
    pub(super) rights: Rights,
    pub(super) triggers: Vec<Trigger>,
    /// Its unique keys, and others that may be deferred.
    pub(super) keys: Vec<Key>,
}

impl Tied {
    /// Constraints that may be deferred: their triggers must not be held off.
    fn deferrable(&self) -> impl Iterator<Item = QualifiedName> {
        let keys = self.keys.iter().filter(|key| !key.immediate);
        keys.map(|key| QualifiedName::new(self.copy.target.schema.as_str(), key.name.as_str()))
    }
}

/// What the user and the server allow.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "independent permissions")]
pub(super) struct Allowed {
    /// Whether our role may play a replica, for which triggers do not fire.
    pub(super) replica: bool,
    /// Whether sessions play one by themselves.
    pub(super) plays_replica: bool,
    pub(super) fire_triggers: bool,
    pub(super) no_truncate: bool,
}

/// Tables tied together, by root.
pub(super) struct Component<'a> {
    tables: Vec<Tied>,
    /// Keys between two of them, but for those of a table to itself.
    inner: Vec<&'a Link>,
    /// Keys on at least one of them.
    links: Vec<&'a Link>,
    allowed: Allowed,
}

/// The components that these keys make of the tables.
pub(super) fn components(tables: Vec<Tied>, links: &[Link], allowed: Allowed) -> Vec<Component<'_>> {
    let mut leader: BTreeMap<Oid, Oid> = tables.iter().map(|table| (table.root, table.root)).collect();
    for link in links {
        let ends = (leader.get(&link.child.root).copied(), leader.get(&link.parent.root).copied());
        if let (Some(one), Some(other)) = ends {
            for known in leader.values_mut().filter(|known| **known == other) {
                *known = one;
            }
        }
    }
    let mut by_leader: BTreeMap<Oid, Vec<Tied>> = BTreeMap::new();
    for table in tables {
        by_leader.entry(leader[&table.root]).or_default().push(table);
    }
    let component = |tables: Vec<Tied>| {
        let roots: HashSet<Oid> = tables.iter().map(|table| table.root).collect();
        let touches = |oid: Oid| roots.contains(&oid);
        let links: Vec<&Link> =
            links.iter().filter(|link| touches(link.child.root) || touches(link.parent.root)).collect();
        let is_inner = |link: &&&Link| {
            touches(link.child.root) && touches(link.parent.root) && link.child.root != link.parent.root
        };
        let inner = links.iter().filter(is_inner).copied().collect();
        Component { tables, inner, links, allowed }
    };
    by_leader.into_values().map(component).collect()
}

impl Component<'_> {
    /// The group that is copied by one worker, or why it cannot be.
    pub(super) fn group(mut self) -> Result<Group, Vec<Finding>> {
        let mut held: BTreeSet<String> = BTreeSet::new();
        let mut deferred: Vec<QualifiedName> = Vec::new();
        let order = self.order(|_| true).or_else(|| {
            let can_wait = |link: &Link| link.deferrable && link.waits;
            deferred =
                self.inner.iter().filter(|link| can_wait(link)).map(|link| link.name.clone()).collect();
            self.order(|link| !can_wait(link))
        });
        let order = order.unwrap_or_else(|| {
            held.insert("foreign keys go round in a circle".into());
            self.roots().into_iter().collect()
        });
        let place = |root: Oid| order.iter().position(|known| *known == root);
        self.tables.sort_by_key(|table| (place(table.root), table.copy.target.clone()));
        let truncated = self.truncated();
        for link in self.in_the_way(&truncated) {
            if link.deferrable && link.waits {
                deferred.push(link.name.clone());
            } else {
                held.insert(format!("{} refers to {}", link.child.name.plain(), link.parent.name.plain()));
            }
        }
        held.extend(self.cascading());
        let (mut silenced, mut locked_out) = self.silenced(!held.is_empty());
        let by_triggers = held.is_empty() && !locked_out.is_empty();
        if by_triggers {
            let name = |trigger: &Trigger| format!("trigger {} on {}", trigger.name, trigger.table.plain());
            held.extend(locked_out.iter().map(name));
            (silenced, locked_out) = self.silenced(true);
        }
        let mut findings = self.refusals(&held, &locked_out, by_triggers);
        findings.extend(self.tables.iter().filter_map(|table| self.cascade(table)));
        if !findings.is_empty() {
            return Err(findings);
        }
        // Values of unique columns may change places.
        let upserts = self.tables.iter().filter(|table| table.copy.way == Way::Upsert);
        deferred.extend(upserts.flat_map(Tied::deferrable));
        deferred.sort();
        deferred.dedup();
        for at in 0..self.tables.len() {
            if !self.may_put_back(&self.tables[at]) {
                self.tables[at].copy.matching.stays = None;
            }
        }
        Ok(self.into_group(&truncated, deferred, silenced, !held.is_empty()))
    }

    fn into_group(
        self,
        truncated: &HashSet<Oid>,
        deferred: Vec<QualifiedName>,
        silenced: Vec<Trigger>,
        replica: bool,
    ) -> Group {
        let is_emptied = |table: &&Tied| table.copy.way == Way::Replace;
        let by_truncate = |table: &&Tied| truncated.contains(&table.root);
        let emptied = |table: &Tied| (table.copy.target.clone(), table.copy.whole_tree);
        let replaced = || self.tables.iter().filter(is_emptied);
        let deleted: Vec<_> = replaced().rev().filter(|table| !by_truncate(table)).map(emptied).collect();
        let mut locked = deleted.clone();
        if replica {
            locked.extend(self.ends());
        }
        locked.sort();
        locked.dedup();
        Group {
            truncated: replaced().filter(by_truncate).map(emptied).collect(),
            deleted,
            locked,
            deferred,
            silenced,
            replica,
            told_to_fire: !replica && self.allowed.plays_replica,
            checked: if replica { self.keys() } else { Vec::new() },
            forced: self.forced(replica),
            referred: self.referred(),
            cascades: !replica && self.links.iter().any(|link| link.cascades),
            has_triggers: self.tables.iter().any(|table| !table.triggers.is_empty()),
            bytes: self.tables.iter().map(|table| table.copy.bytes).sum(),
            tables: self.tables.into_iter().map(|table| table.copy).collect(),
        }
    }

    fn synchronised(&self) -> impl Iterator<Item = &Tied> {
        self.tables.iter().filter(|table| table.copy.way == Way::Sync)
    }

    /// The tables on both ends of all keys.
    fn ends(&self) -> impl Iterator<Item = Extent> {
        let ends = self.links.iter().flat_map(|link| [&link.child, &link.parent]);
        ends.map(|end| (end.name.clone(), end.whole_tree))
    }

    /// All keys, each with its table.
    fn keys(&self) -> Vec<(Oid, String)> {
        self.links.iter().map(|link| (link.oid, link.child.name.plain())).collect()
    }

    /// Keys by which a change of a synchronised row would change rows that are not synchronised, or not all.
    fn cascading(&self) -> Vec<String> {
        let synced: HashSet<Oid> = self.synchronised().map(|table| table.root).collect();
        let is_whole = |root: Oid| {
            let mut of_root = self.tables.iter().filter(|table| table.root == root).peekable();
            of_root.peek().is_some() && of_root.all(|table| table.copy.conditions.is_empty())
        };
        let acts =
            |link: &&&Link| link.cascades && synced.contains(&link.parent.root) && !is_whole(link.child.root);
        let told =
            |link: &&Link| format!("{} goes with {}", link.child.name.plain(), link.parent.name.plain());
        self.links.iter().filter(acts).map(told).collect()
    }

    /// The tables to which others refer, or other rows of their own.
    fn referred(&self) -> HashSet<Oid> {
        let is_parent = |table: &&Tied| self.links.iter().any(|link| link.parent.root == table.root);
        self.tables.iter().filter(is_parent).map(|table| table.copy.target_oid).collect()
    }

    /// What may be done where synchronised rows are in each other's way; `replica` if triggers are held off anyway.
    fn forced(&self, replica: bool) -> Option<Forced> {
        self.synchronised().next()?;
        let roots = self.roots();
        if replica || !self.links.iter().any(|link| roots.contains(&link.parent.root)) {
            return Some(Forced::default());
        }
        let has_triggers = self.tables.iter().any(|table| !table.triggers.is_empty());
        let defers = self.tables.iter().any(|table| table.deferrable().next().is_some());
        let (silenced, locked_out) = self.silenced(true);
        let permitted = self.allowed.replica
            && !(self.allowed.fire_triggers && has_triggers)
            && !defers
            && locked_out.is_empty();
        permitted.then(|| Forced {
            replica: true,
            locked: self.ends().collect::<BTreeSet<_>>().into_iter().collect(),
            silenced: silenced.into_iter().filter(|trigger| trigger.fires == Fires::Replica).collect(),
            checked: self.keys(),
        })
    }

    fn roots(&self) -> BTreeSet<Oid> {
        self.tables.iter().map(|table| table.root).collect()
    }

    /// Parents before children, as far as these keys say; `None` in a circle.
    fn order(&self, counts: impl Fn(&Link) -> bool) -> Option<Vec<Oid>> {
        let mut left = self.roots();
        let mut order = Vec::new();
        while !left.is_empty() {
            let waits = |root: &Oid| {
                let mut parents = self.inner.iter().filter(|link| link.child.root == *root && counts(link));
                parents.any(|link| left.contains(&link.parent.root))
            };
            let free: Vec<Oid> = left.iter().copied().filter(|root| !waits(root)).collect();
            if free.is_empty() {
                return None;
            }
            left.retain(|root| !free.contains(root));
            order.extend(free);
        }
        Some(order)
    }

    fn replaced(&self) -> HashSet<Oid> {
        self.tables.iter().filter(|table| table.copy.way == Way::Replace).map(|table| table.root).collect()
    }

    /// Those that TRUNCATE can empty: every table that refers to one of them is emptied so too.
    fn truncated(&self) -> HashSet<Oid> {
        let may = |table: &&Tied| table.rights.truncate && !self.allowed.no_truncate;
        let not: HashSet<Oid> = self
            .tables
            .iter()
            .filter(|table| table.copy.way != Way::Replace || !may(table))
            .map(|t| t.root)
            .collect();
        let mut set: HashSet<Oid> = self.replaced().difference(&not).copied().collect();
        loop {
            let refused = |root: &Oid| {
                self.links.iter().any(|link| link.parent.root == *root && !set.contains(&link.child.root))
            };
            let next: HashSet<Oid> = set.iter().copied().filter(|root| !refused(root)).collect();
            if next.len() == set.len() {
                return set;
            }
            set = next;
        }
    }

    /// Keys of rows that stay and refer to rows that are deleted, and of a table to itself that do not wait.
    fn in_the_way(&self, truncated: &HashSet<Oid>) -> Vec<&Link> {
        let replaced = self.replaced();
        let is_deleted = |root: Oid| replaced.contains(&root) && !truncated.contains(&root);
        let all = self.links.iter().copied().filter(|link| is_deleted(link.parent.root));
        all.filter(|link| {
            !replaced.contains(&link.child.root) || (link.child.root == link.parent.root && !link.waits)
        })
        .collect()
    }

    /// The triggers that are disabled, and those that would have to be but belong to somebody else.
    fn silenced(&self, replica: bool) -> (Vec<Trigger>, Vec<Trigger>) {
        if self.allowed.fire_triggers {
            return (Vec::new(), Vec::new());
        }
        let fires = |trigger: &&Trigger| match trigger.fires {
            Fires::Always => true,
            Fires::Origin => !replica,
            Fires::Replica => replica,
        };
        let of = |owned: bool| {
            let tables = self.tables.iter().filter(move |table| table.rights.owned == owned);
            tables.flat_map(|table| &table.triggers).filter(fires).cloned().collect()
        };
        (of(true), of(false))
    }

    /// Whether rows of this table may be taken out and put back: nothing but the rows themselves would change.
    fn may_put_back(&self, table: &Tied) -> bool {
        let is_referred = |link: &&Link| link.parent.root == table.root;
        table.copy.way == Way::Upsert
            && table.copy.matching.comparable
            && table.rights.delete
            && !self.allowed.fire_triggers
            && self.links.iter().copied().filter(is_referred).all(|link| link.waits)
    }

    /// Rows of other tables that would be changed with a key that is not the one by which rows are found.
    fn cascade(&self, table: &Tied) -> Option<Finding> {
        let copy = &table.copy;
        let is_chosen = |oid: Oid| self.tables.iter().any(|other| other.root == oid);
        let changes = |link: &&Link| {
            let mut columns = link.columns.iter();
            link.follows
                && link.parent.root == table.root
                && !is_chosen(link.child.root)
                && columns.any(|column| copy.updated.contains(column) && !copy.key.contains(column))
        };
        let link = self.links.iter().copied().find(changes).filter(|_| copy.way == Way::Upsert)?;
        Some(Finding {
            code: "key-update-cascades",
            object: copy.source.plain(),
            message: format!(
                "rows of {} refer to it and would be changed with columns that are not its key here (ON UPDATE of {})",
                link.child.name.plain(),
                link.name.plain()
            ),
            remedy: "find rows by the columns that are referred to (--key), leave these out (--exclude-columns), or copy that table too".into(),
        })
    }

    fn refusals(&self, held: &BTreeSet<String>, locked_out: &[Trigger], by_triggers: bool) -> Vec<Finding> {
        if held.is_empty() {
            return Vec::new();
        }
        let names: Vec<String> = self.tables.iter().map(|table| table.copy.target.plain()).collect();
        let reasons: Vec<&str> = held.iter().map(String::as_str).collect();
        let refused = |code, message: String, remedy: &str| Finding {
            code,
            object: names.join(", "),
            message,
            remedy: remedy.into(),
        };
        let reasons = reasons.join("; ");
        let mut findings = Vec::new();
        if !self.allowed.replica && by_triggers {
            return vec![refused(
                "triggers-in-the-way",
                format!(
                    "it has triggers that should not fire ({reasons}), and only its owner can disable them"
                ),
                "connect as the owner, or let them fire: --fire-triggers",
            )];
        }
        if !self.allowed.replica {
            return vec![refused(
                "foreign-keys-in-the-way",
                format!(
                    "triggers would have to be held off ({reasons}), and our role may not set session_replication_role on the target"
                ),
                "choose the tables that refer to it too; or --mode upsert; or make the keys DEFERRABLE; or on the target, from version 15 on: GRANT SET ON PARAMETER session_replication_role TO our role",
            )];
        }
        if self.allowed.fire_triggers && self.tables.iter().any(|table| !table.triggers.is_empty()) {
            findings.push(refused(
                "triggers-cannot-fire",
                format!(
                    "its triggers cannot fire, because those of foreign keys have to be held off ({reasons})"
                ),
                "leave --fire-triggers out, or make the keys DEFERRABLE",
            ));
        }
        if let Some(trigger) = locked_out.first() {
            findings.push(refused(
                "triggers-in-the-way",
                format!(
                    "the trigger {} would fire even so, and only the owner of {} can disable it",
                    trigger.name,
                    trigger.table.plain()
                ),
                "connect as the owner, or let it fire: --fire-triggers",
            ));
        }
        if self.tables.iter().any(|table| table.deferrable().next().is_some()) {
            findings.push(refused(
                "deferrable-key-in-the-way",
                format!("triggers have to be held off ({reasons}), and with them a deferrable unique or exclusion constraint would not be checked"),
                "make the constraint NOT DEFERRABLE, or choose the tables that refer to it too",
            ));
        }
        findings
    }
}

#[cfg(test)]
#[path = "ties_tests.rs"]
mod tests;
