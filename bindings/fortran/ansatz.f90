! SPDX-License-Identifier: BSD-3-Clause
!
! Ansatz from Fortran: a fitted model read from its file and run on the program's own arrays (Fortran 2008).
!
!     use ansatz
!     type(az_model) :: model
!     type(az_scratch) :: scratch                     ! one a thread
!     call model%read('physics.az')
!     call model%bind(['temperature', 'pressure   '])  ! what the columns of inputs hold
!     call model%predict(inputs, outputs, scratch)    ! (rows, columns) to (rows, outputs), real32 or real64
!
! Compile this file with your own compiler before what uses it, and link libansatz:
!
!     gfortran -O2 $(pkg-config --variable=fortran ansatz) program.f90 $(pkg-config --libs ansatz)
!
! A model that has been read and bound is only read by predict: any number of threads may share it, each with a scratch
! of its own.  Then predict allocates nothing after its first call, takes no lock and starts no thread.
!
! Every procedure that can fail takes stat: 0, or a status of Ansatz (64 usage, 65 data, 66 no such file, 71 memory,
! 74 reading), and az_message() says what went wrong.  Without stat the message is written to the error unit and the
! program stops, as for allocate.
module ansatz
    use, intrinsic :: iso_c_binding
    use, intrinsic :: iso_fortran_env, only: error_unit, real32, real64
    implicit none
    private
    public :: az_model, az_scratch, az_message, az_version

    ! Memory for predictions: grows when a call needs more, and is released with the variable.
    type :: az_scratch
        private
        real(real64), allocatable :: memory(:)
    contains
        procedure :: prepare => scratch_prepare ! (model, n_rows): before the loop, so that no call in it allocates
    end type az_scratch

    type :: az_model
        private
        type(c_ptr) :: handle = c_null_ptr
        logical :: owner = .false.
        integer :: n_columns = 0                     ! of the caller's arrays
        integer :: outputs = 0
        integer(c_int64_t), allocatable :: map(:)    ! the caller's column of each input, counted from 0
    contains
        procedure :: read => model_read              ! (path [, stat])
        procedure :: bind => model_bind              ! (names [, stat]); without: the columns are the inputs in order
        procedure :: n_inputs => model_n_inputs
        procedure :: n_outputs => model_n_outputs    ! one a target, or one a class
        procedure :: input_name => model_input_name  ! (input), counted from 1 as all here
        procedure :: input_unit => model_input_unit  ! (input): as in the training data; '' if none was named
        procedure :: input_calendar => model_input_calendar ! of a time; '' for other inputs
        procedure :: input_level => model_input_level ! (input, level): the number that stands for a category
        procedure :: output_name => model_output_name
        procedure :: output_unit => model_output_unit
        ! predict(inputs, outputs [, scratch] [, in_range] [, stat]), all reals of one kind, in any stride:
        !     inputs (rows, columns), outputs (rows, n_outputs), in_range (rows)
        !     inputs (rows, columns), outputs (rows), in_range (rows)    for a model with one output
        !     inputs (columns),       outputs (n_outputs), in_range (1)  one row
        ! NaN: missing, filled as in training.  in_range: all inputs lie in the range seen in training, none is missing.
        generic :: predict => block_real64, block_real32, single_output_real64, single_output_real32, row_real64, &
                              row_real32
        procedure, private :: block_real64, block_real32, single_output_real64, single_output_real32, row_real64, &
                              row_real32
        procedure :: free => model_free              ! also done when the variable ends
        ! A copy shares the model and does not release it: it must not outlive the variable that read it.
        generic :: assignment(=) => share
        procedure, private :: share
        final :: model_end
    end type az_model

    ! What the binding itself finds wrong, in this thread; '': ask the library.
    character(len=160), save :: own_message = ''
    !$omp threadprivate(own_message)

    integer, parameter :: usage_error = 64
    integer(c_int64_t), parameter :: real64_bytes = 8, real32_bytes = 4

    interface
        function c_model_read(model, path) bind(c, name='az_model_read') result(status)
            import :: c_ptr, c_char, c_int
            type(c_ptr), intent(inout) :: model
            character(kind=c_char), intent(in) :: path(*)
            integer(c_int) :: status
        end function c_model_read
        subroutine c_model_free(model) bind(c, name='az_model_free')
            import :: c_ptr
            type(c_ptr), value :: model
        end subroutine c_model_free
        function c_model_bind(model, names, n, map) bind(c, name='az_model_bind') result(status)
            import :: c_ptr, c_int64_t, c_int
            type(c_ptr), value :: model
            type(c_ptr), intent(in) :: names(*)
            integer(c_int64_t), value :: n
            integer(c_int64_t), intent(out) :: map(*)
            integer(c_int) :: status
        end function c_model_bind
        pure function c_model_n_inputs(model) bind(c, name='az_model_n_inputs') result(n)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t) :: n
        end function c_model_n_inputs
        pure function c_model_n_outputs(model) bind(c, name='az_model_n_outputs') result(n)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t) :: n
        end function c_model_n_outputs
        function c_model_input_name(model, input) bind(c, name='az_model_input_name') result(name)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t), value :: input
            type(c_ptr) :: name
        end function c_model_input_name
        function c_model_input_unit(model, input) bind(c, name='az_model_input_unit') result(unit)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t), value :: input
            type(c_ptr) :: unit
        end function c_model_input_unit
        function c_model_input_calendar(model, input) bind(c, name='az_model_input_calendar') result(calendar)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t), value :: input
            type(c_ptr) :: calendar
        end function c_model_input_calendar
        function c_model_output_name(model, output) bind(c, name='az_model_output_name') result(name)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t), value :: output
            type(c_ptr) :: name
        end function c_model_output_name
        function c_model_output_unit(model, output) bind(c, name='az_model_output_unit') result(unit)
            import :: c_ptr, c_int64_t
            type(c_ptr), value :: model
            integer(c_int64_t), value :: output
            type(c_ptr) :: unit
        end function c_model_output_unit
        function c_model_input_level(model, input, level) bind(c, name='az_model_input_level') result(number)
            import :: c_ptr, c_int64_t, c_char, c_double
            type(c_ptr), value :: model
            integer(c_int64_t), value :: input
            character(kind=c_char), intent(in) :: level(*)
            real(c_double) :: number
        end function c_model_input_level
        pure function c_model_scratch(model, n_rows) bind(c, name='az_model_scratch') result(n_bytes)
            import :: c_ptr, c_int64_t, c_size_t
            type(c_ptr), value :: model
            integer(c_int64_t), value :: n_rows
            integer(c_size_t) :: n_bytes
        end function c_model_scratch
        function c_predict(model, map, rows, n_rows, row_stride, column_stride, prediction, output_stride, in_range, &
                           scratch) bind(c, name='az_predict') result(status)
            import :: c_ptr, c_int64_t, c_int
            type(c_ptr), value :: model, map, rows, prediction, in_range, scratch
            integer(c_int64_t), value :: n_rows, row_stride, column_stride, output_stride
            integer(c_int) :: status
        end function c_predict
        function c_predict_f32(model, map, rows, n_rows, row_stride, column_stride, prediction, output_stride, &
                               in_range, scratch) bind(c, name='az_predict_f32') result(status)
            import :: c_ptr, c_int64_t, c_int
            type(c_ptr), value :: model, map, rows, prediction, in_range, scratch
            integer(c_int64_t), value :: n_rows, row_stride, column_stride, output_stride
            integer(c_int) :: status
        end function c_predict_f32
        function c_error_message() bind(c, name='az_error_message') result(text)
            import :: c_ptr
            type(c_ptr) :: text
        end function c_error_message
        function c_version() bind(c, name='az_version') result(text)
            import :: c_ptr
            type(c_ptr) :: text
        end function c_version
        pure function c_strlen(text) bind(c, name='strlen') result(length)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: text
            integer(c_size_t) :: length
        end function c_strlen
    end interface

contains

    ! ---- text and errors ----

    function text_of(pointer) result(text)
        type(c_ptr), intent(in) :: pointer
        character(len=:), allocatable :: text
        character(kind=c_char), pointer :: characters(:)
        integer :: i
        if (.not. c_associated(pointer)) then
            text = ''
            return
        end if
        call c_f_pointer(pointer, characters, [c_strlen(pointer)])
        allocate (character(len=size(characters)) :: text)
        do i = 1, size(characters)
            text(i:i) = characters(i)
        end do
    end function text_of

    ! What went wrong in the last call of this thread that failed.
    function az_message() result(text)
        character(len=:), allocatable :: text
        text = trim(own_message)
        if (len(text) == 0) text = text_of(c_error_message())
    end function az_message

    function az_version() result(text)
        character(len=:), allocatable :: text
        text = text_of(c_version())
    end function az_version

    subroutine refuse(message, code)
        character(len=*), intent(in) :: message
        integer, intent(out) :: code
        own_message = message
        code = usage_error
    end subroutine refuse

    subroutine conclude(code, stat)
        integer, intent(in) :: code
        integer, intent(out), optional :: stat
        if (present(stat)) then
            stat = code
        else if (code /= 0) then
            write (error_unit, '(2a)') 'ansatz: ', az_message()
            error stop 1
        end if
    end subroutine conclude

    ! ---- the model ----

    subroutine model_read(self, path, stat)
        class(az_model), intent(inout) :: self
        character(len=*), intent(in) :: path
        integer, intent(out), optional :: stat
        integer :: code
        call self%free()
        code = c_model_read(self%handle, trim(path)//c_null_char)
        if (code /= 0) own_message = ''
        self%owner = code == 0
        if (code == 0) then
            self%n_columns = self%n_inputs()
            self%outputs = int(c_model_n_outputs(self%handle))
        end if
        call conclude(code, stat)
    end subroutine model_read

    subroutine model_bind(self, names, stat)
        class(az_model), intent(inout) :: self
        character(len=*), intent(in) :: names(:)
        integer, intent(out), optional :: stat
        character(kind=c_char), allocatable, target :: texts(:, :)
        integer(c_int64_t), allocatable :: map(:)
        type(c_ptr), allocatable :: pointers(:)
        integer :: code, i, k
        code = 0
        if (.not. c_associated(self%handle)) call refuse('bind: no model has been read', code)
        if (code == 0) then
            allocate (texts(len(names) + 1, size(names)), pointers(size(names)), map(self%n_inputs()))
            texts = c_null_char
            do i = 1, size(names)
                do k = 1, len_trim(names(i))
                    texts(k, i) = names(i) (k:k)
                end do
                pointers(i) = c_loc(texts(1, i))
            end do
            code = c_model_bind(self%handle, pointers, size(names, kind=c_int64_t), map)
            if (code /= 0) own_message = ''
        end if
        if (code == 0) then
            call move_alloc(map, self%map)
            self%n_columns = size(names)
        end if
        call conclude(code, stat)
    end subroutine model_bind

    pure integer function model_n_inputs(self) result(n)
        class(az_model), intent(in) :: self
        n = 0
        if (c_associated(self%handle)) n = int(c_model_n_inputs(self%handle))
    end function model_n_inputs

    pure integer function model_n_outputs(self) result(n)
        class(az_model), intent(in) :: self
        n = self%outputs
    end function model_n_outputs

    pure logical function exists(place, n)
        integer, intent(in) :: place, n
        exists = place >= 1 .and. place <= n
    end function exists

    function model_input_name(self, input) result(name)
        class(az_model), intent(in) :: self
        integer, intent(in) :: input
        character(len=:), allocatable :: name
        name = ''
        if (exists(input, self%n_inputs())) name = text_of(c_model_input_name(self%handle, input - 1_c_int64_t))
    end function model_input_name

    function model_input_unit(self, input) result(unit)
        class(az_model), intent(in) :: self
        integer, intent(in) :: input
        character(len=:), allocatable :: unit
        unit = ''
        if (exists(input, self%n_inputs())) unit = text_of(c_model_input_unit(self%handle, input - 1_c_int64_t))
    end function model_input_unit

    function model_input_calendar(self, input) result(calendar)
        class(az_model), intent(in) :: self
        integer, intent(in) :: input
        character(len=:), allocatable :: calendar
        calendar = ''
        if (exists(input, self%n_inputs())) &
            calendar = text_of(c_model_input_calendar(self%handle, input - 1_c_int64_t))
    end function model_input_calendar

    function model_output_name(self, output) result(name)
        class(az_model), intent(in) :: self
        integer, intent(in) :: output
        character(len=:), allocatable :: name
        name = ''
        if (exists(output, self%n_outputs())) name = text_of(c_model_output_name(self%handle, output - 1_c_int64_t))
    end function model_output_name

    function model_output_unit(self, output) result(unit)
        class(az_model), intent(in) :: self
        integer, intent(in) :: output
        character(len=:), allocatable :: unit
        unit = ''
        if (exists(output, self%n_outputs())) unit = text_of(c_model_output_unit(self%handle, output - 1_c_int64_t))
    end function model_output_unit

    real(real64) function model_input_level(self, input, level) result(number)
        class(az_model), intent(in) :: self
        integer, intent(in) :: input
        character(len=*), intent(in) :: level
        number = -1
        if (exists(input, self%n_inputs())) &
            number = c_model_input_level(self%handle, input - 1_c_int64_t, trim(level)//c_null_char)
    end function model_input_level

    subroutine share(left, right)
        class(az_model), intent(inout) :: left
        class(az_model), intent(in) :: right
        if (c_associated(left%handle, right%handle)) return ! a model assigned to itself, or to its copy
        call left%free()
        left%handle = right%handle
        left%n_columns = right%n_columns
        left%outputs = right%outputs
        if (allocated(right%map)) left%map = right%map
    end subroutine share

    subroutine model_free(self)
        class(az_model), intent(inout) :: self
        if (self%owner) call c_model_free(self%handle)
        self%handle = c_null_ptr
        self%owner = .false.
        self%n_columns = 0
        self%outputs = 0
        if (allocated(self%map)) deallocate (self%map)
    end subroutine model_free

    impure elemental subroutine model_end(self)
        type(az_model), intent(inout) :: self
        call self%free()
    end subroutine model_end

    ! ---- prediction ----

    ! Outputs of a block, which the library puts side by side row by row, then the library's own scratch.
    pure integer(c_int64_t) function scratch_size(model, n_rows)
        class(az_model), intent(in) :: model
        integer(c_int64_t), intent(in) :: n_rows
        scratch_size = n_rows * model%outputs + int(c_model_scratch(model%handle, n_rows), c_int64_t) / 8 + 1
    end function scratch_size

    subroutine scratch_prepare(self, model, n_rows)
        class(az_scratch), intent(inout) :: self
        class(az_model), intent(in) :: model
        integer, intent(in) :: n_rows
        if (c_associated(model%handle)) call grow(self%memory, scratch_size(model, int(n_rows, c_int64_t)))
    end subroutine scratch_prepare

    subroutine grow(memory, n)
        real(real64), allocatable, intent(inout) :: memory(:)
        integer(c_int64_t), intent(in) :: n
        if (allocated(memory)) then
            if (size(memory, kind=c_int64_t) >= n) return
            deallocate (memory)
        end if
        allocate (memory(n))
    end subroutine grow

    ! How far apart two elements lie, in elements.
    pure integer(c_int64_t) function distance(from, to, n_bytes)
        type(c_ptr), intent(in) :: from, to
        integer(c_int64_t), intent(in) :: n_bytes
        distance = (transfer(to, 0_c_intptr_t) - transfer(from, 0_c_intptr_t)) / n_bytes
    end function distance

    subroutine check_shapes(self, n_rows, n_columns, n_output_rows, n_outputs, n_flags, code)
        class(az_model), intent(in) :: self
        integer, intent(in) :: n_rows, n_columns, n_output_rows, n_outputs, n_flags
        integer, intent(out) :: code
        character(len=160) :: text
        code = 0
        if (n_columns == self%n_columns .and. n_output_rows == n_rows .and. n_outputs == self%outputs .and. &
            n_flags == n_rows .and. self%outputs > 0) return
        if (.not. c_associated(self%handle)) then
            text = 'predict: no model has been read'
        else if (n_columns /= self%n_columns) then
            write (text, '(a, i0, a, i0)') 'predict: inputs have ', n_columns, ' columns, the model is bound to ', &
                self%n_columns
        else if (n_flags /= n_rows) then
            write (text, '(2(a, i0), a)') 'predict: in_range has ', n_flags, ' elements, inputs have ', n_rows, ' rows'
        else
            write (text, '(4(a, i0))') 'predict: outputs have ', n_output_rows, ' rows of ', n_outputs, &
                '; inputs have ', n_rows, ' rows and the model''s outputs are ', self%outputs
        end if
        call refuse(text, code)
    end subroutine check_shapes

    ! The call itself, on addresses.  outputs NULL: they are left in memory, side by side row by row.
    integer function run(self, single, inputs, n_rows, row_stride, column_stride, outputs, output_stride, in_range, &
                         memory) result(code)
        class(az_model), intent(in), target :: self
        logical, intent(in) :: single
        type(c_ptr), intent(in) :: inputs, outputs
        integer(c_int64_t), intent(in) :: n_rows, row_stride, column_stride, output_stride
        logical(c_bool), intent(inout), optional, contiguous, target :: in_range(:)
        real(real64), allocatable, intent(inout), target :: memory(:)
        type(c_ptr) :: map, flags, scratch, target_rows
        call grow(memory, scratch_size(self, n_rows))
        scratch = c_loc(memory(n_rows * self%outputs + 1))
        target_rows = outputs
        if (.not. c_associated(outputs)) target_rows = c_loc(memory(1))
        map = c_null_ptr
        if (allocated(self%map)) map = c_loc(self%map(1))
        flags = c_null_ptr
        if (present(in_range)) flags = c_loc(in_range(1))
        if (single) then
            code = c_predict_f32(self%handle, map, inputs, n_rows, row_stride, column_stride, target_rows, &
                                 output_stride, flags, scratch)
        else
            code = c_predict(self%handle, map, inputs, n_rows, row_stride, column_stride, target_rows, &
                             output_stride, flags, scratch)
        end if
        if (code /= 0) own_message = ''
    end function run

    subroutine block_real64(self, inputs, outputs, scratch, in_range, stat)
        class(az_model), intent(in) :: self
        real(real64), intent(in), target :: inputs(:, :)
        real(real64), intent(inout), target :: outputs(:, :)
        type(az_scratch), intent(inout), optional :: scratch
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer, intent(out), optional :: stat
        real(real64), allocatable :: memory(:)
        integer :: code, n_flags
        n_flags = size(inputs, 1)
        if (present(in_range)) n_flags = size(in_range)
        call check_shapes(self, size(inputs, 1), size(inputs, 2), size(outputs, 1), size(outputs, 2), n_flags, code)
        if (code == 0 .and. size(inputs) > 0) then
            if (present(scratch)) then
                code = fill_real64(self, inputs, outputs, scratch%memory, in_range)
            else
                code = fill_real64(self, inputs, outputs, memory, in_range)
            end if
        end if
        call conclude(code, stat)
    end subroutine block_real64

    integer function fill_real64(self, inputs, outputs, memory, in_range) result(code)
        class(az_model), intent(in) :: self
        real(real64), intent(in), target :: inputs(:, :)
        real(real64), intent(inout), target :: outputs(:, :)
        real(real64), allocatable, intent(inout), target :: memory(:)
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer(c_int64_t) :: n_rows, n_outputs, row_stride, column_stride, output_stride, apart
        integer :: i, k
        n_rows = size(inputs, 1)
        n_outputs = size(outputs, 2)
        row_stride = 0
        column_stride = 0
        output_stride = n_outputs
        apart = 1
        if (n_rows > 1) then
            row_stride = distance(c_loc(inputs(1, 1)), c_loc(inputs(2, 1)), real64_bytes)
            output_stride = distance(c_loc(outputs(1, 1)), c_loc(outputs(2, 1)), real64_bytes)
        end if
        if (size(inputs, 2) > 1) column_stride = distance(c_loc(inputs(1, 1)), c_loc(inputs(1, 2)), real64_bytes)
        if (n_outputs > 1) apart = distance(c_loc(outputs(1, 1)), c_loc(outputs(1, 2)), real64_bytes)
        if (apart == 1 .and. output_stride >= n_outputs) then
            code = run(self, .false., c_loc(inputs(1, 1)), n_rows, row_stride, column_stride, c_loc(outputs(1, 1)), &
                       output_stride, in_range, memory)
        else
            code = run(self, .false., c_loc(inputs(1, 1)), n_rows, row_stride, column_stride, c_null_ptr, n_outputs, &
                       in_range, memory)
            if (code /= 0) return
            ! Not by sections, for which the compiler, afraid of overlap, would allocate a copy.
            do k = 1, int(n_outputs)
                do i = 1, int(n_rows)
                    outputs(i, k) = memory((i - 1) * n_outputs + k)
                end do
            end do
        end if
    end function fill_real64

    subroutine single_output_real64(self, inputs, outputs, scratch, in_range, stat)
        class(az_model), intent(in) :: self
        real(real64), intent(in) :: inputs(:, :)
        real(real64), intent(inout), target :: outputs(:)
        type(az_scratch), intent(inout), optional :: scratch
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer, intent(out), optional :: stat
        real(real64), pointer :: column(:, :)
        column(1:size(outputs), 1:1) => outputs
        call block_real64(self, inputs, column, scratch, in_range, stat)
    end subroutine single_output_real64

    subroutine row_real64(self, inputs, outputs, scratch, in_range, stat)
        class(az_model), intent(in) :: self
        real(real64), intent(in), target :: inputs(:)
        real(real64), intent(inout), target :: outputs(:)
        type(az_scratch), intent(inout), optional :: scratch
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer, intent(out), optional :: stat
        real(real64), pointer :: row(:, :), results(:, :)
        row(1:1, 1:size(inputs)) => inputs
        results(1:1, 1:size(outputs)) => outputs
        call block_real64(self, row, results, scratch, in_range, stat)
    end subroutine row_real64

    subroutine block_real32(self, inputs, outputs, scratch, in_range, stat)
        class(az_model), intent(in) :: self
        real(real32), intent(in), target :: inputs(:, :)
        real(real32), intent(inout), target :: outputs(:, :)
        type(az_scratch), intent(inout), optional :: scratch
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer, intent(out), optional :: stat
        real(real64), allocatable :: memory(:)
        integer :: code, n_flags
        n_flags = size(inputs, 1)
        if (present(in_range)) n_flags = size(in_range)
        call check_shapes(self, size(inputs, 1), size(inputs, 2), size(outputs, 1), size(outputs, 2), n_flags, code)
        if (code == 0 .and. size(inputs) > 0) then
            if (present(scratch)) then
                code = fill_real32(self, inputs, outputs, scratch%memory, in_range)
            else
                code = fill_real32(self, inputs, outputs, memory, in_range)
            end if
        end if
        call conclude(code, stat)
    end subroutine block_real32

    integer function fill_real32(self, inputs, outputs, memory, in_range) result(code)
        class(az_model), intent(in) :: self
        real(real32), intent(in), target :: inputs(:, :)
        real(real32), intent(inout), target :: outputs(:, :)
        real(real64), allocatable, intent(inout), target :: memory(:)
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        real(real32), pointer :: single(:)
        integer(c_int64_t) :: n_rows, n_outputs, row_stride, column_stride, output_stride, apart
        integer :: i, k
        n_rows = size(inputs, 1)
        n_outputs = size(outputs, 2)
        row_stride = 0
        column_stride = 0
        output_stride = n_outputs
        apart = 1
        if (n_rows > 1) then
            row_stride = distance(c_loc(inputs(1, 1)), c_loc(inputs(2, 1)), real32_bytes)
            output_stride = distance(c_loc(outputs(1, 1)), c_loc(outputs(2, 1)), real32_bytes)
        end if
        if (size(inputs, 2) > 1) column_stride = distance(c_loc(inputs(1, 1)), c_loc(inputs(1, 2)), real32_bytes)
        if (n_outputs > 1) apart = distance(c_loc(outputs(1, 1)), c_loc(outputs(1, 2)), real32_bytes)
        if (apart == 1 .and. output_stride >= n_outputs) then
            code = run(self, .true., c_loc(inputs(1, 1)), n_rows, row_stride, column_stride, c_loc(outputs(1, 1)), &
                       output_stride, in_range, memory)
        else
            code = run(self, .true., c_loc(inputs(1, 1)), n_rows, row_stride, column_stride, c_null_ptr, n_outputs, &
                       in_range, memory)
            if (code /= 0) return
            call c_f_pointer(c_loc(memory(1)), single, [n_rows * n_outputs])
            ! Not by sections, for which the compiler, afraid of overlap, would allocate a copy.
            do k = 1, int(n_outputs)
                do i = 1, int(n_rows)
                    outputs(i, k) = single((i - 1) * n_outputs + k)
                end do
            end do
        end if
    end function fill_real32

    subroutine single_output_real32(self, inputs, outputs, scratch, in_range, stat)
        class(az_model), intent(in) :: self
        real(real32), intent(in) :: inputs(:, :)
        real(real32), intent(inout), target :: outputs(:)
        type(az_scratch), intent(inout), optional :: scratch
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer, intent(out), optional :: stat
        real(real32), pointer :: column(:, :)
        column(1:size(outputs), 1:1) => outputs
        call block_real32(self, inputs, column, scratch, in_range, stat)
    end subroutine single_output_real32

    subroutine row_real32(self, inputs, outputs, scratch, in_range, stat)
        class(az_model), intent(in) :: self
        real(real32), intent(in), target :: inputs(:)
        real(real32), intent(inout), target :: outputs(:)
        type(az_scratch), intent(inout), optional :: scratch
        logical(c_bool), intent(inout), optional, contiguous :: in_range(:)
        integer, intent(out), optional :: stat
        real(real32), pointer :: row(:, :), results(:, :)
        row(1:1, 1:size(inputs)) => inputs
        results(1:1, 1:size(outputs)) => outputs
        call block_real32(self, row, results, scratch, in_range, stat)
    end subroutine row_real32
end module ansatz
