//! The longer road: in pieces through fdwcopy, from a session of the source to one of the target.
//!
//! Invariant: at most two groups of pieces are in memory, however large an object is; a page of zeros is not written,
//! but an object's last byte always is, so that it gets its size.
//! Deliberately absent: transactions, which are the callers'.

use tokio_postgres::types::Type;

use super::Filled;
use super::statement::{self, PIECE};
use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::plan::large_objects::OidRange;

/// A group of pieces has at most so many bytes and pieces.
const GROUP_BYTES: i64 = 4 << 20;
const GROUP: usize = 2000;
/// Zeros are looked for in steps of a page.
const PAGE: usize = 2048;

const FAILED: &str = "large objects could not be copied";

/// A part of a large object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    oid: Oid,
    start: i64,
    length: i32,
    /// Whether the object ends with it.
    is_last: bool,
}

/// What of some pieces is to be written: oid, offset and bytes of each.
#[derive(Default)]
struct Writing {
    oids: Vec<Oid>,
    starts: Vec<i64>,
    data: Vec<Vec<u8>>,
}

/// Copies the large objects of a portion.
pub(super) async fn copy(source: &SourceSession, target: &TargetSession, range: OidRange) -> Result<Filled> {
    let rows = source.rows(&statement::sizes(range), &[]).await.context(Kind::Copy, FAILED, range.named())?;
    let objects: Vec<(Oid, i64)> =
        rows.iter().map(|row| Ok((column(row, "oid")?, column(row, "size")?))).collect::<Result<_>>()?;
    let oids: Vec<Oid> = objects.iter().map(|(oid, _)| *oid).collect();
    target.rows(&statement::create_listed(), &[(&oids, Type::OID_ARRAY)]).await.context(
        Kind::Copy,
        FAILED,
        range.named(),
    )?;
    let mut pieces = objects.iter().flat_map(|(oid, size)| pieces(*oid, *size));
    let mut writing = Writing::default();
    loop {
        let next = group(&mut pieces);
        let (written, read) = tokio::join!(write(target, &writing), read(source, &next));
        written?;
        writing = read?;
        if next.is_empty() {
            break;
        }
    }
    let bytes = objects.iter().map(|(_, size)| size.unsigned_abs()).sum();
    Ok(Filled { objects: objects.len(), bytes })
}

fn pieces(oid: Oid, size: i64) -> impl Iterator<Item = Piece> {
    let step = i64::from(PIECE);
    (0..).map(move |number| number * step).take_while(move |start| *start < size).map(move |start| Piece {
        oid,
        start,
        length: i32::try_from(step.min(size - start)).unwrap_or(i32::MAX),
        is_last: start + step >= size,
    })
}

/// Takes the next pieces that travel together.
fn group(pieces: &mut impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut group = Vec::new();
    let mut bytes = 0;
    while bytes < GROUP_BYTES && group.len() < GROUP {
        let Some(piece) = pieces.next() else { break };
        bytes += i64::from(piece.length);
        group.push(piece);
    }
    group
}

async fn read(source: &SourceSession, group: &[Piece]) -> Result<Writing> {
    let mut writing = Writing::default();
    let Some(first) = group.first() else { return Ok(writing) };
    let oids: Vec<Oid> = group.iter().map(|piece| piece.oid).collect();
    let starts: Vec<i64> = group.iter().map(|piece| piece.start).collect();
    let lengths: Vec<i32> = group.iter().map(|piece| piece.length).collect();
    let rows = source
        .rows(
            &statement::pieces(),
            &[(&oids, Type::OID_ARRAY), (&starts, Type::INT8_ARRAY), (&lengths, Type::INT4_ARRAY)],
        )
        .await
        .context(Kind::Copy, FAILED, format!("large object {}", first.oid))?;
    for row in &rows {
        let number = usize::try_from(column::<i64>(row, "number")?).unwrap_or_default();
        let strange = || Error::new(Kind::Internal, "an unexpected answer of the server").object("source");
        let piece = group.get(number.wrapping_sub(1)).ok_or_else(strange)?;
        writing.add(*piece, column::<Option<&[u8]>>(row, "data")?.unwrap_or_default());
    }
    Ok(writing)
}

impl Writing {
    /// Adds what of a piece is not zero, and the object's end.
    fn add(&mut self, piece: Piece, data: &[u8]) {
        let is_hole = |page: &&[u8]| page.iter().all(|byte| *byte == 0);
        let mut start = piece.start;
        let mut follows = false;
        for page in data.chunks(PAGE) {
            let written = !is_hole(&page);
            if written && follows {
                if let Some(run) = self.data.last_mut() {
                    run.extend_from_slice(page);
                }
            } else if written {
                self.push(piece.oid, start, page.to_vec());
            }
            follows = written;
            start += i64::try_from(page.len()).unwrap_or(i64::MAX);
        }
        if piece.is_last && !follows {
            self.push(piece.oid, piece.start + i64::from(piece.length) - 1, vec![0]);
        }
    }

    fn push(&mut self, oid: Oid, start: i64, data: Vec<u8>) {
        self.oids.push(oid);
        self.starts.push(start);
        self.data.push(data);
    }
}

async fn write(target: &TargetSession, writing: &Writing) -> Result<()> {
    let Some(first) = writing.oids.first() else { return Ok(()) };
    target
        .rows(
            &statement::put(),
            &[
                (&writing.oids, Type::OID_ARRAY),
                (&writing.starts, Type::INT8_ARRAY),
                (&writing.data, Type::BYTEA_ARRAY),
            ],
        )
        .await
        .context(Kind::Copy, FAILED, format!("large object {first}"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(data: &[u8], is_last: bool) -> Vec<(i64, usize)> {
        let length = i32::try_from(data.len()).expect("a short piece");
        let mut writing = Writing::default();
        writing.add(Piece { oid: 1, start: 4096, length, is_last }, data);
        writing.starts.into_iter().zip(writing.data.iter().map(Vec::len)).collect()
    }

    #[test]
    fn an_object_is_read_in_pieces_and_an_empty_one_not_at_all() {
        let lengths = |size| pieces(1, size).map(|p| (p.start, p.length, p.is_last)).collect::<Vec<_>>();
        assert!(lengths(0).is_empty());
        assert_eq!(lengths(10), [(0, 10, true)]);
        assert_eq!(lengths(262_145), [(0, 262_144, false), (262_144, 1, true)]);
    }

    #[test]
    fn holes_are_not_written() {
        let mut data = vec![0; 5 * PAGE];
        data[PAGE] = 1;
        data[2 * PAGE] = 1;
        data[4 * PAGE] = 1;
        assert_eq!(written(&data, false), [(4096 + 2048, 4096), (4096 + 4 * 2048, 2048)]);
    }

    #[test]
    fn an_object_that_ends_in_a_hole_gets_its_size() {
        assert_eq!(written(&[0; 3000], true), [(4096 + 2999, 1)]);
        assert_eq!(written(&[1; 3000], true), [(4096, 3000)]);
    }
}
