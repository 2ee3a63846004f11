// Delta publish and delta subscribe over parsed bodies (amps-style deltas: User Guide, "Delta
// Messaging"): objects are merged member by member, arrays and repeated members are replaced whole,
// what a delta does not name stays as it is, so that a field, or an object's own text, cannot be
// taken away.
//
// Order: what is replaced keeps its place. Repeated members keep theirs one by one while there are
// as many as before; else they stand where the first of the old ones stood, together with those
// that the delta has in between (a repeating group), in the delta's order. What is new stands at
// the end, in the delta's order. A difference is in the order of `after`.
#ifndef FLUXGATE_CORE_MESSAGE_MESSAGE_DELTA_H_
#define FLUXGATE_CORE_MESSAGE_MESSAGE_DELTA_H_

#include <span>

#include "core/message/document.h"
#include "core/message/field_path.h"

namespace fluxgate {

// Lays `delta` over `base`, which afterwards has views into both bodies and nodes of both
// documents: `delta` must outlive it.
void MergeDelta(Document& base, const Document& delta);

// The members of `after` that differ from `before`, and those that `keys` name in any case, as
// `delta`, which shares nodes with `after`. What only `before` has is no difference. False: nothing
// differs, and `delta` has the keys only.
bool DiffDocuments(const Document& before, const Document& after, std::span<const FieldPath> keys,
                   Document& delta);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_MESSAGE_MESSAGE_DELTA_H_
