// Simplifies a parsed filter without changing what it means: constant parts are evaluated, nested
// chains become one, constants move to the right of comparisons.
#ifndef FLUXGATE_CORE_FILTER_FOLD_H_
#define FLUXGATE_CORE_FILTER_FOLD_H_

#include "core/filter/expression.h"

namespace fluxgate {

// A condition: what is left is a condition, too.
void Fold(ExpressionTree& tree);
// A value.
void FoldValue(ExpressionTree& tree);

}  // namespace fluxgate

#endif  // FLUXGATE_CORE_FILTER_FOLD_H_
